// Shell: one process that believes at times to own the partition: it starts lanes, as the ledger's daemon does, and dies when
// the plan says so.
#pragma once

#include <string>

#include "ledger/lane.h"
#include "tests/simulation/life.h"
#include "tests/simulation/simulated_ports.h"
#include "tests/simulation/simulated_store.h"
#include "tests/simulation/simulated_view.h"
#include "tests/simulation/surroundings.h"

namespace sluice::simulation {

class Owner {
 public:
  Owner(Surroundings& surroundings, std::string name);

  // Told that the partition is its own; `number` is newer than all before.
  void assign(std::int64_t number) { assigned_ = number; }
  bool wants_to_run() const { return assigned_ > fenced_on_; }

  Life& life() { return life_; }

  // What its view's thread has to do. Nothing: false.
  bool work_on_view();
  void overflow_view();

  // Its lane runs, and has decided and handed on whatever it found.
  bool rests() const { return lane_ != nullptr && found_nothing_; }
  // The first intent that it still wants to read; `otherwise` if it runs no lane.
  Offset reads_from(Offset otherwise) const { return lane_ != nullptr ? lane_->state().next : otherwise; }
  // Cycles of its lanes in which something was decided.
  std::int64_t cycles() const { return cycles_; }
  Disk& disk() { return disk_; }
  const std::string& last_error() const { return last_error_; }

 private:
  void run_lane();
  // Of a lane that says that only a person can help; `begun`: the turn in which it was started.
  void judge_refusal(std::int64_t begun);
  void judge_lane(const Lane& lane) const;
  void set_store_aside();
  void take_store_of_another_log();
  void leave_remains();
  void judge_write(const RowWrites& writes) const;

  Surroundings& surroundings_;
  const std::string name_;
  Disk disk_;
  std::int64_t assigned_ = 0;
  std::int64_t fenced_on_ = 0;  // the assignment on which it was fenced out
  std::int64_t cycles_ = 0;
  std::string last_error_;
  bool found_nothing_ = false;  // at its lane's last poll
  const Lane* lane_ = nullptr;
  SimulatedView* view_ = nullptr;
  Life life_;  // last: its end unwinds the lane
};

}  // namespace sluice::simulation
