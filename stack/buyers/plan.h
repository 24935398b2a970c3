// Pure: who clicks what and when, from a seed. The same arguments give the same plan.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/ids.h"

namespace sluice {

enum class ClickKind {
  kOnce,
  kSameKey,    // the buyer's second click repeats the first
  kNewKey,     // the second click is a request of its own
  kOverLimit,  // asks for more than one user may have
  kImpatient,  // soon gives up waiting for the answer, and sends it again with the same key
};

std::string_view name_of(ClickKind kind);

// What a buyer who got an order does with it.
enum class Aftermath {
  kPays,
  kPaysLate,     // when the hold has ended
  kPaysTwice,    // one payment, which the gateway delivers twice
  kPaysAgain,    // two payments for the same order
  kPaysWrongly,  // another amount
  kCancels,
  kWalksAway,
};

std::string_view name_of(Aftermath aftermath);

struct PlanSettings {
  int buyers = 0;
  std::vector<std::string> skus = {};  // at least one; a buyer wants one of them
  std::uint32_t limit_per_user = 2;
  std::int64_t spread_ms = 2000;  // arrivals lie in [0, spread_ms) after the opening
  std::uint64_t seed = 1;
  UnixMillis opens_at = 0;  // stands in the keys too, so that two runs never share one
  bool goes_on = false;     // after the click; otherwise who got an order is not seen again
  // Half of those who got nothing come again, up to three times in [return_at_ms, return_at_ms + return_spread_ms) after the
  // opening. 0: nobody does.
  std::int64_t return_at_ms = 0;
  std::int64_t return_spread_ms = 6000;
};

// One request as the buyer means it; it may have to be sent more than once.
struct Click {
  int buyer = 0;  // 0-based
  ClickKind kind = ClickKind::kOnce;
  std::int64_t at_ms = 0;  // after the opening
  std::string sku = {};
  std::string key = {};
  std::uint32_t quantity = 1;
  bool if_empty_handed = false;             // only if the buyer has no order by then, and waits for no verdict
  std::optional<Aftermath> aftermath = {};  // nothing: an order is not gone on with
  std::int64_t pause_ms = 0;                // before the buyer goes on with an order
};

// Sorted by time. Every buyer has one click or two, besides those that are made only by who has nothing.
std::vector<Click> plan_clicks(const PlanSettings& settings);

}  // namespace sluice
