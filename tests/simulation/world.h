// Shell: one simulated world from one seed: a partition, two ledgers that may both believe to own it, a crowd, a clock, and
// faults. Everything is decided by the seed, so that a world that breaks a promise breaks it again.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/simulation/crowd.h"
#include "tests/simulation/oracle/judge.h"
#include "tests/simulation/owner.h"
#include "tests/simulation/shop.h"

namespace sluice::simulation {

struct WorldSettings {
  std::uint64_t seed = 1;
  int intents = 500;
  BrokerHabits broker = {};     // a broken one, to see that it is found
  bool torn_writes = false;     // of the stores
  bool older_rows_win = false;  // in the shared view
  // With sinks, reapers and ingests around the ledgers; nothing: as the seed says.
  std::optional<bool> shop = std::nullopt;
  ShopHabits shop_habits = {};
};

struct WorldReport {
  std::int64_t intents = 0;
  std::int64_t records = 0;
  std::int64_t worlds = 1;
  std::int64_t shops = 0;     // worlds with sinks, reapers and ingests
  std::int64_t cycles = 0;    // of lanes, in which something was decided
  std::int64_t repeated = 0;  // worlds that were run twice
  std::uint64_t digest = 0;   // of one world
  FaultTable faults = {};
  HappeningCounts happenings = {};
  oracle::RulingCounts rulings = {};

  void add(const WorldReport& other);
};

class World {
 public:
  explicit World(const WorldSettings& settings);

  // Lets everything happen, then lets the faults end, and compares what is left with the oracle's. Throws Violation.
  WorldReport run();

 private:
  void turn();
  void let_something_happen();
  void let_the_broker_misbehave();
  void let_a_store_age();
  void append_intents();
  void ask_directly();
  void advance_clock();
  void deliver_late_request();
  void assign_someone();

  void calm_down();
  void finish();
  void drain_views();
  std::uint64_t digest_of(const WorldReport& report) const;

  WorldSettings settings_;
  Dice dice_;
  SimulatedBroker broker_;
  LedgerIdentity identity_;
  Crowd crowd_;
  Witness witness_;
  SharedView view_;
  FaultPlan plan_;
  Surroundings surroundings_;
  std::int64_t assignments_ = 0;
  double rush_ = 0;                             // how much is asked between two turns of an owner
  std::vector<std::unique_ptr<Owner>> owners_;  // last: their lanes use all of the above
  std::unique_ptr<Shop> shop_;
};

// A world from its beginning to its end. Every hundredth seed twice, with the same digest.
WorldReport run_world(const WorldSettings& settings);

}  // namespace sluice::simulation
