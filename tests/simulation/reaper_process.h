// Shell: a process of sluice-reaper: the real loop over the simulated log.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "reaper/reaper_loop.h"
#include "tests/simulation/life.h"
#include "tests/simulation/simulated_producer.h"
#include "tests/simulation/surroundings.h"

namespace sluice::simulation {

class SimulatedFeed : public OrdersFeed {
 public:
  SimulatedFeed(SimulatedBroker& broker, FaultyCalls& calls) : broker_(broker), calls_(calls), reader_(broker) {}

  Result<FeedBounds> bounds(Partition partition) override;
  Result<void> start(Partition partition, std::int64_t log_offset) override;
  void stop(Partition) override { next_.reset(); }
  Result<FedBatch> poll(int count_max, std::chrono::milliseconds wait) override;

 private:
  Result<FedBatch> read(int count_max);

  SimulatedBroker& broker_;
  FaultyCalls& calls_;
  CommittedReader reader_;
  Partition partition_;
  std::optional<std::int64_t> next_;
  GapWatch gaps_;
  std::vector<std::string> bytes_;
  std::vector<FedRecord> records_;
  std::vector<FedUpTo> ends_;
};

// Where the group keeps the marks; survives the process.
using KeptMarks = std::map<Partition, ReadMark>;

class SimulatedMarks : public ReadMarks {
 public:
  SimulatedMarks(KeptMarks& kept, SimulatedBroker& broker, FaultyCalls& calls) : kept_(kept), broker_(broker), calls_(calls) {}

  Result<std::optional<ReadMark>> mark_of(Partition partition) override;
  Result<void> keep(const std::map<Partition, ReadMark>& marks) override;

 private:
  KeptMarks& kept_;
  SimulatedBroker& broker_;
  FaultyCalls& calls_;
};

class SimulatedDues : public DueAppender {
 public:
  // `judge` sees every Due before it is handed over.
  SimulatedDues(Surroundings& surroundings, FaultyCalls& calls, std::function<void(const v1::Due&)> judge)
      : calls_(calls), producer_(surroundings), judge_(std::move(judge)) {}

  Result<void> append(Partition partition, const v1::Due& due, std::uint64_t id) override;
  Result<std::span<const DueWritten>> poll() override;

 private:
  FaultyCalls& calls_;
  SimulatedProducer producer_;
  std::function<void(const v1::Due&)> judge_;
  std::vector<SimulatedProducer::End> ends_;
  std::vector<DueWritten> written_;
};

class ReaperProcess {
 public:
  ReaperProcess(Surroundings& surroundings, KeptMarks& marks, ReaperMetrics& metrics);

  void assign(bool owns) { owns_ = owns; }
  // Its clock and the others'.
  void set_clock_ahead(UnixMillis ahead) { ahead_ = ahead; }
  Life& life() { return life_; }

 private:
  void run();
  void judge_due(const v1::Due& due) const;

  Surroundings& surroundings_;
  KeptMarks& marks_;
  ReaperMetrics& metrics_;
  bool owns_ = false;
  UnixMillis ahead_ = 0;
  Life life_;  // last: its end unwinds the loop
};

}  // namespace sluice::simulation
