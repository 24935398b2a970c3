// Shell: what happened in the worlds, in tables, and what should have and did not.
#pragma once

#include <cstdint>
#include <string>

#include "tests/simulation/world.h"

namespace sluice::simulation {

void print(const WorldReport& report);

// One line of JSON: the figures, how often each ruling was made, each thing happened and each fault struck, and of what there
// must be how much, for whoever adds such lines up. `last_seed`: of the run.
void print_json(const WorldReport& report, std::int64_t last_seed);

// What a run of at least 100,000 intents must have seen and has not; empty if there is nothing.
std::string what_never_happened(const WorldReport& report);

}  // namespace sluice::simulation
