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
  std::uint64_t losses = 0;  // how often everything was lost
  // Whatever was decided before it is shown; {0}: nobody promises anything.
  Position complete_to;
  // Of what was decided from here on, also every repetition of an order is shown.
  Position aliases_whole_from;
  bool lets_older_rows_win = false;  // a broken one

  void write(const ViewChanges& changes);
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
  SimulatedView(SharedView& shared, SimulatedBroker& broker, SimulatedStore& store, FaultyCalls& calls,
                std::function<bool()> redoing)
      : shared_(shared), broker_(broker), store_(store), calls_(calls), redoing_(std::move(redoing)), losses_(shared.losses) {}
  // What was sent when the process died may arrive later.
  ~SimulatedView() override;
  SimulatedView(const SimulatedView&) = delete;
  SimulatedView& operator=(const SimulatedView&) = delete;

  bool keeps_up() const override;
  void publish(ViewChanges changes) override;
  void trust_store() override { trusts_ = true; }

  // What its thread does when it has the time. Nothing left to do: false.
  bool work();
  // The backlog has become too long.
  void overflow();

 private:
  void catch_up();
  void judge_completeness();

  SharedView& shared_;
  SimulatedBroker& broker_;
  SimulatedStore& store_;
  FaultyCalls& calls_;
  std::function<bool()> redoing_;
  bool trusts_ = false;  // the store
  bool follows_ = false;
  std::uint64_t losses_;
  std::deque<ViewChanges> backlog_;
  std::optional<Position> published_;  // up to where the lane has handed on
  int emptied_ = 0;                    // how often there was nothing left to write
};

}  // namespace sluice::simulation
