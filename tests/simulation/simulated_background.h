// Adapter (simulation): work beside a lane that takes place when it is begun, looked at or waited for, by the seed: what
// the lane does meanwhile comes after it or before it, as with a thread.
#pragma once

#include <optional>
#include <utility>

#include "ledger/background.h"
#include "runtime/check.h"
#include "tests/simulation/dice.h"

namespace sluice::simulation {

class SimulatedBackground : public Background {
 public:
  explicit SimulatedBackground(Dice& dice) : dice_(dice) {}

  void start(Work work) override {
    CHECK(!work_ && !outcome_);
    work_ = std::move(work);
    if (dice_.chance(0.3)) do_it();
  }

  bool is_done() override {
    if (!outcome_ && dice_.chance(0.3)) do_it();
    return outcome_.has_value();
  }

  Result<void> finish() override {
    CHECK(work_ || outcome_);
    if (!outcome_) do_it();
    return *std::exchange(outcome_, std::nullopt);
  }

 private:
  void do_it() { outcome_ = std::exchange(work_, nullptr)(); }

  Dice& dice_;
  Work work_;
  std::optional<Result<void>> outcome_;
};

}  // namespace sluice::simulation
