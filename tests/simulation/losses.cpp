#include "tests/simulation/losses.h"

#include <algorithm>
#include <array>
#include <vector>

namespace sluice::simulation {
namespace {

constexpr double kLost = 0.0004;        // in a turn
constexpr double kRecordLost = 0.0006;  // in a turn
constexpr double kBroughtBack = 0.015;  // in a turn
constexpr Offset kLastLostMax = 15;
constexpr Offset kAheadMax = 10;
constexpr std::int64_t kRecordsBackMax = 40;

struct Refusal {
  Lost lost;
  std::string_view words;
  Happening happening;
};

constexpr std::array<Refusal, 8> kRefusals = {{
    {Lost::kLastIntents, "but intents ends at", Happening::kLastIntentsRefused},
    {Lost::kFirstIntents, "the ones between are gone", Happening::kFirstIntentsRefused},
    {Lost::kOneIntent, "also when it is read again", Happening::kGapRefused},
    {Lost::kRecord, "orders was cut", Happening::kRecordMissedByLane},
    {Lost::kRecord, "missing or overlap. Nothing was stored", Happening::kRecordMissedBySink},
    {Lost::kRecord, "comes without the one before it", Happening::kRecordMissedBySink},
    {Lost::kRecord, "missing or overlap. Nothing is released", Happening::kRecordMissedByReaper},
    {Lost::kRecord, "leaves a gap", Happening::kRecordMissedByIngest},
}};

LostIntents chosen_intents(Dice& dice, Offset decided, Offset end) {
  switch (dice.between(0, 2)) {
    case 0:
      if (decided > 0) return {Lost::kLastIntents, decided - dice.between(1, std::min(decided, kLastLostMax))};
      return {};
    case 1:
      if (decided < end) return {Lost::kFirstIntents, dice.between(decided + 1, end)};
      return {};
    default:
      return {Lost::kOneIntent, dice.between(decided, decided + kAheadMax)};  // perhaps of those to come
  }
}

// One of the last that has another behind it: without that nobody could know.
std::optional<std::int64_t> chosen_record(Dice& dice, const SimulatedOrders& orders) {
  const std::int64_t end = orders.stable_end();
  std::vector<std::int64_t> found;
  orders.read(std::max<std::int64_t>(0, end - dice.between(2, kRecordsBackMax)), end,
              [&](std::int64_t offset, UnixMillis, const std::string&) {
                found.push_back(offset);
                return found.size() < 2;
              });
  return found.size() == 2 ? std::optional(found.front()) : std::nullopt;
}

void bring_back(Lost lost, Surroundings& surroundings) {
  surroundings.broker.brought_back[static_cast<std::size_t>(lost)] = surroundings.turn;
}

void bring_intents_back(Surroundings& surroundings) {
  LostIntents& lost = surroundings.broker.intents.lost;
  bring_back(lost.which, surroundings);
  lost = {};
}

void bring_record_back(Surroundings& surroundings) {
  bring_back(Lost::kRecord, surroundings);
  surroundings.broker.lost_record.reset();
}

bool is_lost(Lost lost, const SimulatedBroker& broker) {
  return lost == Lost::kRecord ? broker.lost_record.has_value() : broker.intents.lost.which == lost;
}

}  // namespace

void lose_or_bring_back(Surroundings& surroundings) {
  SimulatedBroker& broker = surroundings.broker;
  Dice& dice = surroundings.dice;
  if (broker.intents.lost.which != Lost::kNothing) {
    if (dice.chance(kBroughtBack)) bring_intents_back(surroundings);
  } else if (dice.chance(kLost)) {
    broker.intents.lost = chosen_intents(dice, surroundings.witness.next(), static_cast<Offset>(broker.intents.log.size()));
  }
  if (broker.lost_record) {
    if (dice.chance(kBroughtBack)) bring_record_back(surroundings);
  } else if (dice.chance(kRecordLost)) {
    broker.lost_record = chosen_record(dice, broker.orders);
  }
}

void bring_all_back(Surroundings& surroundings) {
  bring_intents_back(surroundings);
  bring_record_back(surroundings);
}

bool is_right_about_a_log(std::string_view error, Surroundings& surroundings, std::int64_t begun) {
  SimulatedBroker& broker = surroundings.broker;
  for (const Refusal& refusal : kRefusals) {
    if (error.find(refusal.words) == std::string_view::npos) continue;
    ++broker.happenings[refusal.happening];
    return is_lost(refusal.lost, broker) || broker.brought_back[static_cast<std::size_t>(refusal.lost)] >= begun;
  }
  return false;
}

}  // namespace sluice::simulation
