// Pure: what has happened so far, as one line of JSON for whoever shows it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/ids.h"

namespace sluice {

class Tally {
 public:
  explicit Tally(int buyers) : buyers_(buyers), has_arrived_(static_cast<std::size_t>(buyers)) {}

  // A request of the buyer was sent for the first time.
  void asked(int buyer);
  void acknowledged() { ++acknowledged_; }
  void unknown() { ++unknown_; }

  // A request came to its end: `verdict` is held, sold_out, … or what else ended it. `took_ms`: since it was sent first.
  void ended(std::string_view verdict, std::int64_t took_ms);
  void gave_up() { ++gave_up_; }

  // A buyer got an order and goes on with it, e.g. by "cancels"; then it came to its last status, e.g. "cancelled".
  void began(std::string_view aftermath);
  void settled(std::string_view status);
  void gave_up_order() { ++gave_up_orders_; }

  // Requests without a verdict and orders that were not settled.
  std::int64_t given_up() const { return gave_up_ + gave_up_orders_; }

  // `final`: with the latencies, which are sorted for it.
  std::string json(UnixMillis now, bool final);

 private:
  int buyers_;
  std::vector<bool> has_arrived_;
  std::int64_t arrived_ = 0;
  std::int64_t asked_ = 0;
  std::int64_t acknowledged_ = 0;
  std::int64_t unknown_ = 0;
  std::int64_t gave_up_ = 0;
  std::int64_t gave_up_orders_ = 0;
  using Counts = std::map<std::string, std::int64_t, std::less<>>;
  static void count(Counts& counts, std::string_view name);
  static std::string as_json(const Counts& counts);
  Counts verdicts_;
  Counts began_;
  Counts settled_;
  std::vector<std::int64_t> took_ms_;
};

// The nearest rank of sorted values; 0 of none. REQUIRES: 0 <= share <= 1.
std::int64_t percentile(const std::vector<std::int64_t>& sorted, double share);

}  // namespace sluice
