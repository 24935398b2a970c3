// Adapter (simulation): the shared view in memory, and one lane's way to it: a backlog that is written later, a view that falls
// behind and reads the store again.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ledger/state_view.h"
#include "tests/simulation/faults.h"
#include "tests/simulation/simulated_store.h"
#include "tests/simulation/witness.h"

namespace sluice::simulation {

// What every reader of the shared view sees. Only newer rows win; two of one version must be equal (invariant I7).
class SharedView {
 public:
  // `witness` knows what every row was at every version; without one nobody looks.
  explicit SharedView(Witness* witness = nullptr) : witness_(witness) {}

  std::map<std::string, StockSnapshot> stocks;
  std::map<std::uint64_t, OrderSnapshot> orders;
  std::map<std::uint64_t, std::uint64_t> aliases;  // by the duplicate's ticket: whom it stands for
  std::map<std::string, PaymentSnapshot> payments;
  std::uint64_t losses = 0;          // how often everything was lost
  bool lets_older_rows_win = false;  // a broken one

  void write(const StockSnapshot& stock);
  void write(const OrderSnapshot& order);
  void write(const AliasSnapshot& alias) { aliases[alias.duplicate.value] = alias.order; }
  void write(const PaymentSnapshot& payment);
  void lose();

 private:
  void judge(const StockSnapshot& stock) const;
  void judge(const OrderSnapshot& order) const;

  Witness* witness_;
};

class SimulatedView : public StateView {
 public:
  // A view follows only once it has read the store.
  SimulatedView(SharedView& shared, const Disk& disk, FaultyCalls& calls, std::function<bool()> redoing)
      : shared_(shared), disk_(disk), calls_(calls), redoing_(std::move(redoing)), losses_(shared.losses) {}

  bool keeps_up() const override;
  void publish(ViewChanges changes) override;

  // What its thread does when it has the time. Nothing left to do: false.
  bool work();
  // The backlog has become too long.
  void overflow();

 private:
  void catch_up();
  void judge_completeness() const;

  SharedView& shared_;
  const Disk& disk_;
  FaultyCalls& calls_;
  std::function<bool()> redoing_;
  bool follows_ = false;
  std::uint64_t losses_;
  std::deque<ViewChanges> backlog_;
  std::optional<Position> published_;  // up to where the lane has handed on
  int emptied_ = 0;                    // how often there was nothing left to write
};

}  // namespace sluice::simulation
