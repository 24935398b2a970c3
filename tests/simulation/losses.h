// Shell: what somebody loses of the logs, as by an unclean election or a wrong retention, and brings back later. Meanwhile
// whoever needs it must refuse to go on, and say why.
#pragma once

#include <string_view>

#include "tests/simulation/surroundings.h"

namespace sluice::simulation {

// In a turn of the world: of `intents` the last that are decided, the first that are not, or a single one may be lost; of
// `orders` a record; or what is lost is brought back.
void lose_or_bring_back(Surroundings& surroundings);
void bring_all_back(Surroundings& surroundings);

// Of what a process says when it gives up for good: whether that is what is wrong with the logs, or was since the turn `begun`.
// It is counted.
bool is_right_about_a_log(std::string_view error, Surroundings& surroundings, std::int64_t begun);

}  // namespace sluice::simulation
