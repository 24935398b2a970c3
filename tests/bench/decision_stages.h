// Shell: where the time of a decision goes: each of its stages by itself, over the same crowd.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace sluice::bench {

// CPU time of this thread.
std::int64_t cpu_nanos();

// Prints nanoseconds an intent. `purchases`: of one SKU, one unit each, by distinct users.
void print_stages(std::span<const std::string> purchases);

}  // namespace sluice::bench
