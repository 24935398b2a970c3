// Shell: sees every record of `orders` at the moment in which it is decided that it is one, and judges it at once: the
// invariants from the records alone, and the rulings by the model.
#pragma once

#include <absl/container/flat_hash_map.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tests/simulation/oracle/invariants.h"
#include "tests/simulation/oracle/judge.h"
#include "tests/simulation/simulated_log.h"

namespace sluice::simulation {

class Witness {
 public:
  using Hear = std::function<void(const v1::OrderRecord&, UnixMillis append_time)>;

  // `hear` is told of every record after it was judged.
  Witness(oracle::Place place, const SimulatedOrders& orders, const SimulatedIntents& intents, Hear hear);

  // Takes what has been decided since. Throws Violation.
  void look();

  // Offset of the first intent that is not decided, as of the last look.
  Offset next() const { return next_; }

  // How an intent was ruled on. REQUIRES: offset < next().
  struct Ruled {
    v1::Outcome outcome = v1::OUTCOME_UNSPECIFIED;
    v1::Reason reason = v1::REASON_UNSPECIFIED;
    std::uint64_t duplicate_of = 0;
  };
  const Ruled& ruled(Offset offset) const { return ruled_[static_cast<std::size_t>(offset)]; }

  // When the record was appended that made the order. REQUIRES: it was decided.
  UnixMillis recorded_at(std::uint64_t order) const { return recorded_at_.at(order); }

  // What was decided, in that order. Until the log is gone.
  const std::vector<const std::string*>& records() const { return records_; }

  oracle::Judge& judge() { return judge_; }

 private:
  void take(UnixMillis append_time, const std::string& bytes);

  const SimulatedOrders& orders_;
  const SimulatedIntents& intents_;
  Hear hear_;
  std::int64_t seen_ = 0;  // offset in `orders`
  Offset next_ = 0;
  oracle::Invariants invariants_;
  oracle::Judge judge_;
  v1::OrderRecord record_;  // reused
  std::vector<const std::string*> records_;
  std::vector<Ruled> ruled_;
  absl::flat_hash_map<std::uint64_t, UnixMillis> recorded_at_;
};

}  // namespace sluice::simulation
