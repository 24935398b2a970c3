// Shell: the clocks. Only the shell asks them; rules get the time as a parameter.
#pragma once

#include <cstdint>

namespace sluice {

// Unix time in milliseconds. Can jump.
std::int64_t unix_millis();

// Nanoseconds since some moment in the past. Never goes back; for spans only.
std::int64_t steady_nanos();

}  // namespace sluice
