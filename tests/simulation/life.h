// Shell: the life of a process: it runs until it fails or is killed, stands still for long at times, and is started again.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "tests/simulation/faults.h"
#include "tests/simulation/strand.h"
#include "tests/simulation/surroundings.h"

namespace sluice::simulation {

class Life {
 public:
  // `run` makes all that the process has in memory and returns when it fails. `bury` is called after a crash, when all of that
  // is gone. Both may pause, but for inside a catch block. A member of whoever lives, and the last one: its end unwinds `run`.
  Life(Surroundings& surroundings, std::function<void()> run, std::function<void()> bury);

  // Lets it go on, unless it stands still.
  void resume() {
    if (!stands_still()) strand_.resume();
  }
  bool stands_still() const { return surroundings_.turn < still_until_; }
  void wake() { still_until_ = 0; }

  // By the process: lets the others run.
  void pause() { strand_.pause(); }
  // Its calls of ports, each of which may fail.
  FaultyCalls& calls() { return calls_; }

 private:
  void live();
  void stand_still(int turns_max);

  Surroundings& surroundings_;
  const std::function<void()> run_;
  const std::function<void()> bury_;
  std::int64_t still_until_ = 0;
  FaultyCalls calls_;
  Strand strand_;
};

}  // namespace sluice::simulation
