// Shell: intents that somebody loses, as by an unclean election or a wrong retention, and brings back later. Meanwhile a lane
// that needs them must refuse to run, and say why.
#pragma once

#include <string_view>

#include "tests/simulation/surroundings.h"

namespace sluice::simulation {

// In a turn of the world: the last intents that are decided, the first that are not, or a single one may be lost; or what is
// lost is brought back.
void lose_or_bring_back(Surroundings& surroundings);
void bring_back(Surroundings& surroundings);

// Of what a lane says when it gives up for good: whether that is what is wrong with `intents`, or was since the turn `begun`.
// If it is, it is counted.
bool is_right_about_intents(std::string_view error, Surroundings& surroundings, std::int64_t begun);

}  // namespace sluice::simulation
