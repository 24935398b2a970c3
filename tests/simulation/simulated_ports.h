// Adapter (simulation): the ports of a lane to the log, over a broker in memory, with a fault possible at every call.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "ledger/intent_log.h"
#include "ledger/order_log.h"
#include "tests/simulation/faults.h"
#include "tests/simulation/simulated_broker.h"

namespace sluice::simulation {

class SimulatedIntentLog : public IntentLog {
 public:
  SimulatedIntentLog(SimulatedBroker& broker, FaultyCalls& calls) : broker_(broker), calls_(calls) {}

  Result<LogRange> range() override;
  Result<void> start_at(Offset next) override;
  Result<std::span<const IntentMessage>> poll(int count_max, std::chrono::milliseconds wait) override;

 private:
  Result<std::span<const IntentMessage>> read(int count_max);
  bool leaves_out(Offset offset);

  SimulatedBroker& broker_;
  FaultyCalls& calls_;
  std::optional<LogRange> told_;  // before the first start
  std::optional<Offset> next_;
  std::set<Offset> left_out_;       // each once: read again, it is there
  int gaps_shown_ = 0;              // that stay
  std::vector<std::string> bytes_;  // copies, so that a view that is kept too long dangles
  std::vector<IntentMessage> messages_;
};

class SimulatedOrderLog : public OrderLog {
 public:
  SimulatedOrderLog(SimulatedBroker& broker, FaultyCalls& calls) : broker_(broker), calls_(calls), reader_(broker) {}

  Result<LogRange> range() override;
  Result<std::int64_t> locate(const std::function<bool(std::string_view record)>& reached) override;
  Result<void> start_at(std::int64_t log_offset) override;
  Result<RecordPoll> poll(std::chrono::milliseconds wait) override;

 private:
  Result<RecordPoll> read();

  SimulatedBroker& broker_;
  FaultyCalls& calls_;
  CommittedReader reader_;
  std::optional<std::int64_t> next_;
  std::vector<std::string> bytes_;
  std::vector<RecordMessage> records_;
};

// A client that sends when it likes, and goes on after errors if it is asked to: whether a lane may do so is for the lane to
// know.
class SimulatedOrderWriter : public OrderWriter {
 public:
  SimulatedOrderWriter(SimulatedBroker& broker, FaultyCalls& calls) : broker_(broker), calls_(calls) {}

  Result<void> acquire() override;
  Result<void> begin() override;
  Result<void> append(std::string_view sku, std::string_view record) override;
  Result<void> flush() override;
  Result<void> commit() override;

 private:
  Result<void> send_unsent();
  Result<void> end_transaction();
  void let_unsent_fly();

  SimulatedBroker& broker_;
  FaultyCalls& calls_;
  std::optional<int> epoch_;
  bool began_ = false;
  bool added_ = false;  // the coordinator knows of the transaction
  std::vector<std::string> unsent_;
  std::optional<Error> failed_;  // what was sent of this transaction has failed
};

}  // namespace sluice::simulation
