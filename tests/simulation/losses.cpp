#include "tests/simulation/losses.h"

#include <array>

namespace sluice::simulation {
namespace {

using Which = LostIntents::Which;

constexpr double kLost = 0.0004;        // in a turn
constexpr double kBroughtBack = 0.015;  // in a turn
constexpr Offset kLastLostMax = 15;
constexpr Offset kAheadMax = 10;

struct Refusal {
  Which which;
  std::string_view words;
  Happening happening;
};

constexpr std::array<Refusal, 3> kRefusals = {{
    {Which::kLast, "but intents ends at", Happening::kLastIntentsRefused},
    {Which::kFirst, "the ones between are gone", Happening::kFirstIntentsRefused},
    {Which::kOne, "also when it is read again", Happening::kGapRefused},
}};

LostIntents chosen_loss(Dice& dice, Offset decided, Offset end) {
  switch (dice.between(0, 2)) {
    case 0:
      if (decided > 0) return {Which::kLast, decided - dice.between(1, std::min(decided, kLastLostMax))};
      return {};
    case 1:
      if (decided < end) return {Which::kFirst, dice.between(decided + 1, end)};
      return {};
    default:
      return {Which::kOne, dice.between(decided, decided + kAheadMax)};  // perhaps of those to come
  }
}

}  // namespace

void lose_or_bring_back(Surroundings& surroundings) {
  SimulatedIntents& intents = surroundings.broker.intents;
  Dice& dice = surroundings.dice;
  if (intents.lost.which != Which::kNone) {
    if (dice.chance(kBroughtBack)) bring_back(surroundings);
  } else if (dice.chance(kLost)) {
    intents.lost = chosen_loss(dice, surroundings.witness.next(), static_cast<Offset>(intents.log.size()));
  }
}

void bring_back(Surroundings& surroundings) {
  SimulatedIntents& intents = surroundings.broker.intents;
  intents.brought_back[static_cast<std::size_t>(intents.lost.which)] = surroundings.turn;
  intents.lost = {};
}

bool is_right_about_intents(std::string_view error, Surroundings& surroundings, std::int64_t begun) {
  const SimulatedIntents& intents = surroundings.broker.intents;
  for (const Refusal& refusal : kRefusals) {
    if (error.find(refusal.words) == std::string_view::npos) continue;
    ++surroundings.broker.happenings[refusal.happening];
    return intents.lost.which == refusal.which || intents.brought_back[static_cast<std::size_t>(refusal.which)] >= begun;
  }
  return false;
}

}  // namespace sluice::simulation
