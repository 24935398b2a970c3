// Shell: what happened in the worlds, in tables, and what should have and did not.
#pragma once

#include <string>

#include "tests/simulation/world.h"

namespace sluice::simulation {

void print(const WorldReport& report);

// What a run of at least 100,000 intents must have seen and has not; empty if there is nothing.
std::string what_never_happened(const WorldReport& report);

}  // namespace sluice::simulation
