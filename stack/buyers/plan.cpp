#include "stack/buyers/plan.h"

#include <fmt/format.h>

#include <algorithm>

namespace sluice {
namespace {

// The share of each kind, in percent; the rest click once.
constexpr int kSameKeyPercent = 10;
constexpr int kNewKeyPercent = 5;
constexpr int kOverLimitPercent = 5;
constexpr int kImpatientPercent = 5;

// The share of what is done with an order, in percent; the rest pay.
constexpr int kPaysLatePercent = 8;
constexpr int kPaysTwicePercent = 8;
constexpr int kPaysAgainPercent = 4;
constexpr int kPaysWronglyPercent = 5;
constexpr int kCancelsPercent = 10;
constexpr int kWalksAwayPercent = 25;
constexpr std::int64_t kPauseMsMin = 100;
constexpr std::int64_t kPauseMsMax = 2500;

constexpr int kReturnsPercent = 50;
constexpr int kReturns = 3;

// A second click follows the first within this time.
constexpr std::int64_t kSecondClickMsMax = 300;

// SplitMix64 (Steele, Lea, Flood 2014). The standard library's distributions differ from one library to the next; a seed must
// not.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}

  // 0 .. bound-1. REQUIRES: bound > 0.
  std::uint64_t below(std::uint64_t bound) {
    state_ += 0x9e3779b97f4a7c15;
    std::uint64_t mixed = state_;
    mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111eb;
    return (mixed ^ mixed >> 31) % bound;
  }

 private:
  std::uint64_t state_;
};

ClickKind draw_kind(Dice& dice) {
  const auto roll = static_cast<int>(dice.below(100));
  int edge = kSameKeyPercent;
  if (roll < edge) return ClickKind::kSameKey;
  if (roll < (edge += kNewKeyPercent)) return ClickKind::kNewKey;
  if (roll < (edge += kOverLimitPercent)) return ClickKind::kOverLimit;
  if (roll < edge + kImpatientPercent) return ClickKind::kImpatient;
  return ClickKind::kOnce;
}

Aftermath draw_aftermath(Dice& dice) {
  const auto roll = static_cast<int>(dice.below(100));
  int edge = kPaysLatePercent;
  if (roll < edge) return Aftermath::kPaysLate;
  if (roll < (edge += kPaysTwicePercent)) return Aftermath::kPaysTwice;
  if (roll < (edge += kPaysAgainPercent)) return Aftermath::kPaysAgain;
  if (roll < (edge += kPaysWronglyPercent)) return Aftermath::kPaysWrongly;
  if (roll < (edge += kCancelsPercent)) return Aftermath::kCancels;
  if (roll < edge + kWalksAwayPercent) return Aftermath::kWalksAway;
  return Aftermath::kPays;
}

void go_on(Dice& dice, Click& click) {
  click.aftermath = draw_aftermath(dice);
  click.pause_ms = kPauseMsMin + static_cast<std::int64_t>(dice.below(kPauseMsMax - kPauseMsMin));
}

void add_returns(const PlanSettings& settings, Dice& dice, const Click& first, std::vector<Click>& clicks) {
  if (settings.return_at_ms == 0 || dice.below(100) >= kReturnsPercent) return;
  for (int time = 0; time < kReturns; ++time) {
    Click click = first;
    click.kind = ClickKind::kOnce;
    click.quantity = 1;
    click.if_empty_handed = true;
    click.key += fmt::format("-return-{}", time + 1);
    const std::int64_t share = std::max<std::int64_t>(settings.return_spread_ms / kReturns, 1);
    click.at_ms =
        settings.return_at_ms + share * time + static_cast<std::int64_t>(dice.below(static_cast<std::uint64_t>(share)));
    if (settings.goes_on) go_on(dice, click);
    clicks.push_back(click);
  }
}

}  // namespace

std::string_view name_of(Aftermath aftermath) {
  switch (aftermath) {
    case Aftermath::kPays:
      return "pays";
    case Aftermath::kPaysLate:
      return "pays_late";
    case Aftermath::kPaysTwice:
      return "pays_twice";
    case Aftermath::kPaysAgain:
      return "pays_again";
    case Aftermath::kPaysWrongly:
      return "pays_wrongly";
    case Aftermath::kCancels:
      return "cancels";
    case Aftermath::kWalksAway:
      return "walks_away";
  }
  return "unknown";
}

std::string_view name_of(ClickKind kind) {
  switch (kind) {
    case ClickKind::kOnce:
      return "once";
    case ClickKind::kSameKey:
      return "same_key";
    case ClickKind::kNewKey:
      return "new_key";
    case ClickKind::kOverLimit:
      return "over_limit";
    case ClickKind::kImpatient:
      return "impatient";
  }
  return "unknown";
}

std::vector<Click> plan_clicks(const PlanSettings& settings) {
  Dice dice(settings.seed);
  Dice later(settings.seed + 0x5deece66d);  // what happens after the click changes no click
  std::vector<Click> clicks;
  for (int buyer = 0; buyer < settings.buyers; ++buyer) {
    Click first{.buyer = buyer, .kind = draw_kind(dice)};
    first.at_ms =
        static_cast<std::int64_t>(dice.below(static_cast<std::uint64_t>(std::max<std::int64_t>(settings.spread_ms, 1))));
    first.sku = settings.skus[dice.below(settings.skus.size())];
    first.key = fmt::format("{:x}-{}-{}", settings.opens_at, settings.seed, buyer + 1);
    if (first.kind == ClickKind::kOverLimit) first.quantity = settings.limit_per_user + 1;
    if (settings.goes_on) go_on(later, first);
    clicks.push_back(first);
    add_returns(settings, later, first, clicks);
    if (first.kind == ClickKind::kOnce || first.kind == ClickKind::kImpatient) continue;
    Click second = first;
    second.at_ms += static_cast<std::int64_t>(dice.below(kSecondClickMsMax));
    second.quantity = 1;
    if (first.kind != ClickKind::kSameKey) {
      second.key += "-again";
      if (settings.goes_on) go_on(later, second);
    }
    clicks.push_back(second);
  }
  std::ranges::stable_sort(clicks, {}, &Click::at_ms);
  return clicks;
}

}  // namespace sluice
