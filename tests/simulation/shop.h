// Shell: what stands around the ledgers in some of the worlds: two sinks and their database, two reapers, two ingests and those
// who ask them.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "runtime/log.h"
#include "tests/simulation/books.h"
#include "tests/simulation/buyers.h"
#include "tests/simulation/ingest_process.h"
#include "tests/simulation/reaper_process.h"
#include "tests/simulation/simulated_mysql.h"
#include "tests/simulation/sink_process.h"

namespace sluice::simulation {

// Counted by all worlds together, since nobody looks: to make them anew costs more than a world.
struct ShopMetrics {
  Metrics all;
  SinkMetrics sink{all};
  ReaperMetrics reaper{all};
  IngestMetrics ingest;

  // Keeps the processes quiet, too: every fault would be a line.
  explicit ShopMetrics(int partitions) : ingest(all, partitions) { set_log_level(LogLevel::kError); }
};

struct ShopHabits {
  MysqlHabits database = {};
  bool answers_twice = false;  // a broken ingest
};

class Shop {
 public:
  Shop(Surroundings& surroundings, Crowd& crowd, ShopMetrics& metrics, const ShopHabits& habits);

  // What happens in a turn of the world, and who gets the turn.
  void let_something_happen();
  void resume_someone();
  void let_somebody_ask();

  // From here on nothing goes wrong any more.
  void calm_down();
  // One round without faults. True: all is done.
  bool round();
  // Why not.
  std::string unfinished() const;
  // Compares what is left. Throws Violation.
  void judge() const;

 private:
  void rebalance();
  bool nothing_is_due() const;

  Surroundings& surroundings_;
  const PublicIds ids_;
  const WebhookCheck webhook_;
  SimulatedMysql database_;
  Books books_;
  KeptMarks marks_;
  Buyers buyers_;
  std::vector<std::unique_ptr<SinkProcess>> sinks_;  // last: the processes use all of the above
  std::vector<std::unique_ptr<ReaperProcess>> reapers_;
  std::vector<std::unique_ptr<IngestProcess>> ingests_;
};

}  // namespace sluice::simulation
