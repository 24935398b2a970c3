// Shell: one process that believes at times to own the partition: it starts lanes, as the ledger's daemon does, and dies when
// the plan says so.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "ledger/lane.h"
#include "tests/simulation/faults.h"
#include "tests/simulation/simulated_ports.h"
#include "tests/simulation/simulated_store.h"
#include "tests/simulation/simulated_view.h"
#include "tests/simulation/strand.h"
#include "tests/simulation/witness.h"

namespace sluice::simulation {

// What all owners have in common.
struct Surroundings {
  Dice& dice;
  FaultPlan& plan;
  SimulatedBroker& broker;
  Witness& witness;
  SharedView& view;
  LedgerIdentity identity;
  LaneSettings settings;
  double restlessness = 0;  // probability that a call lets the others run
  UnixMillis now = 0;
  std::int64_t turn = 0;  // of the world
};

class Owner {
 public:
  Owner(Surroundings& surroundings, std::string name);

  // Told that the partition is its own; `number` is newer than all before.
  void assign(std::int64_t number) { assigned_ = number; }
  bool wants_to_run() const { return assigned_ > fenced_on_; }

  // Lets it go on, unless it stands still.
  void resume();
  bool stands_still() const { return surroundings_.turn < still_until_; }
  void wake() { still_until_ = 0; }

  // What its view's thread has to do. Nothing: false.
  bool work_on_view();
  void overflow_view();

  // Its lane runs, and has decided and handed on whatever it found.
  bool rests() const { return lane_ != nullptr && found_nothing_; }
  // The first intent that it still wants to read; `otherwise` if it runs no lane.
  Offset reads_from(Offset otherwise) const { return lane_ != nullptr ? lane_->state().next : otherwise; }
  Disk& disk() { return disk_; }
  const std::string& last_error() const { return last_error_; }

 private:
  void live();
  void run_lane();
  void leave_remains();
  void stand_still(int turns_max) { still_until_ = surroundings_.turn + surroundings_.dice.between(1, turns_max); }
  void judge_write(const RowWrites& writes) const;

  Surroundings& surroundings_;
  const std::string name_;
  Disk disk_;
  std::int64_t assigned_ = 0;
  std::int64_t fenced_on_ = 0;  // the assignment on which it was fenced out
  std::int64_t still_until_ = 0;
  std::string last_error_;
  bool found_nothing_ = false;  // at its lane's last poll
  const Lane* lane_ = nullptr;
  SimulatedView* view_ = nullptr;
  std::unique_ptr<FaultyCalls> calls_;
  std::unique_ptr<Strand> strand_;
};

}  // namespace sluice::simulation
