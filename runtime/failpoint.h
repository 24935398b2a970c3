// Adapter (POSIX): named steps of a daemon at which a test has the process killed, stopped or aborted, or a thread hang. No
// part of a release build: there the macro is nothing, and no name of a step is in the program.
//
// SLUICE_FAILPOINTS="lane.after_commit=kill@37,lane.before_flush=stop@3" ends the process with SIGKILL when it passes the first
// step for the 37th time, counted over all threads, and stops it with SIGSTOP at the third passing of the other. With "hang"
// the thread that passes does not return, as from a call of a library that waits for ever. Each happens once, and a line on
// stderr says so before. Names: <part>.<before|after>_<step>.
#pragma once

#ifdef SLUICE_FAILPOINTS

#include <string_view>

namespace sluice {

// Any thread. Aborts if the variable cannot be read: a test whose fault cannot happen would prove nothing.
void pass_failpoint(std::string_view step);

}  // namespace sluice

#define SLUICE_FAILPOINT(step) ::sluice::pass_failpoint(step)

#else

#define SLUICE_FAILPOINT(step) static_cast<void>(0)

#endif
