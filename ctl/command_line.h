// Adapter (CLI11): the command line of sluicectl.
#pragma once

namespace sluice {

// Parses the command, runs it, and returns its ExitCode (verdict_text.h).
int run_sluicectl(int argc, const char* const* argv);

}  // namespace sluice
