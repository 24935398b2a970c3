// Shell: what all processes of a simulated world have in common.
#pragma once

#include <cstdint>

#include "ledger/lane.h"
#include "tests/simulation/dice.h"
#include "tests/simulation/faults.h"
#include "tests/simulation/simulated_broker.h"
#include "tests/simulation/simulated_view.h"
#include "tests/simulation/witness.h"

namespace sluice::simulation {

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

}  // namespace sluice::simulation
