// Shell: a process of sluice-sink: the real loop over the simulated log and database.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "sink/sink_loop.h"
#include "tests/simulation/books.h"
#include "tests/simulation/life.h"
#include "tests/simulation/simulated_mysql.h"
#include "tests/simulation/surroundings.h"

namespace sluice::simulation {

class SimulatedOrdersReader : public OrdersReader {
 public:
  SimulatedOrdersReader(SimulatedBroker& broker, FaultyCalls& calls) : broker_(broker), calls_(calls), reader_(broker) {}

  Result<void> start(Partition partition, Offset from, std::int64_t hint) override;
  void stop(Partition) override { next_.reset(); }
  Result<std::span<const PartitionRecord>> poll(int count_max, std::chrono::milliseconds wait) override;

 private:
  Result<std::span<const PartitionRecord>> read(int count_max);

  SimulatedBroker& broker_;
  FaultyCalls& calls_;
  CommittedReader reader_;
  Partition partition_;
  std::optional<std::int64_t> next_;
  GapWatch gaps_;
  std::vector<std::string> bytes_;  // copies, so that a view that is kept too long dangles
  std::vector<PartitionRecord> records_;
};

class SimulatedDeadLetters : public DeadLetters {
 public:
  SimulatedDeadLetters(Books& books, FaultyCalls& calls) : books_(books), calls_(calls) {}

  Result<void> append(std::span<const v1::DeadLetter> letters) override;

 private:
  Books& books_;
  FaultyCalls& calls_;
};

class SinkProcess {
 public:
  SinkProcess(Surroundings& surroundings, SimulatedMysql& database, Books& books, SinkMetrics& metrics);

  // What its group tells it.
  void assign(bool owns) { owns_ = owns; }
  bool owns() const { return owns_; }
  Life& life() { return life_; }

 private:
  void run();
  bool is_right_to_give_up(const std::string& why, std::int64_t begun);

  Surroundings& surroundings_;
  SimulatedMysql& database_;
  Books& books_;
  SinkMetrics& metrics_;
  bool owns_ = false;
  Life life_;  // last: its end unwinds the loop
};

}  // namespace sluice::simulation
