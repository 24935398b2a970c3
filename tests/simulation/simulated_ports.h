// Adapter (simulation): the ports of a lane to the log, over a broker in memory, with a fault possible at every call.
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "ledger/intent_log.h"
#include "ledger/order_log.h"
#include "tests/simulation/dice.h"
#include "tests/simulation/faults.h"
#include "tests/simulation/simulated_log.h"

namespace sluice::simulation {

// Events of the environment that no call of a lane brings about.
enum class Happening {
  kEndArrivedLate,      // a repeated request to end a transaction arrived after the one that it repeats
  kEndedNextEarly,      // ... and ended the next transaction of the same epoch
  kRequestArrivedLate,  // what was in flight when its sender gave up or died
  kRequestLost,
  kMarkerDelayed,  // a commit was acknowledged before readers saw it
  kReaderLagged,   // saw an older end of the log
  kTransactionExpired,
  kStrangersTransaction,
  kIntentsDeleted,
  kIntentsGap,  // a poll left an intent out, once
  kClockAhead,  // of a broker, beyond what a lane accepts
  kTwoOwners,   // both were told that they own the partition
  kTakeover,
  kFencedOut,
  kStoreLost,
  kStoreOlder,  // went back to an older copy
  kViewLost,
  kViewOverflowed,
  kCount,
};

inline constexpr int kHappeningCount = static_cast<int>(Happening::kCount);

std::string_view name_of(Happening happening);

struct HappeningCounts {
  std::array<std::int64_t, kHappeningCount> counts = {};

  std::int64_t& operator[](Happening happening) { return counts[static_cast<std::size_t>(happening)]; }
  std::int64_t operator[](Happening happening) const { return counts[static_cast<std::size_t>(happening)]; }
  void add(const HappeningCounts& other) {
    for (std::size_t i = 0; i < counts.size(); ++i) counts[i] += other.counts[i];
  }
};

// The broker and the network before it.
struct SimulatedBroker {
  Dice& dice;
  SimulatedOrders orders;
  SimulatedIntents intents;
  std::deque<std::function<void()>> in_flight;  // requests whose sender no longer waits for them
  bool calm = false;                            // nothing is late any more
  HappeningCounts happenings = {};
};

class SimulatedIntentLog : public IntentLog {
 public:
  SimulatedIntentLog(SimulatedBroker& broker, FaultyCalls& calls) : broker_(broker), calls_(calls) {}

  Result<LogRange> range() override;
  Result<void> start_at(Offset next) override;
  Result<std::span<const IntentMessage>> poll(int count_max, std::chrono::milliseconds wait) override;

 private:
  Result<std::span<const IntentMessage>> read(int count_max);

  SimulatedBroker& broker_;
  FaultyCalls& calls_;
  std::optional<Offset> next_;
  std::set<Offset> left_out_;       // each once: read again, it is there
  std::vector<std::string> bytes_;  // copies, so that a view that is kept too long dangles
  std::vector<IntentMessage> messages_;
};

class SimulatedOrderLog : public OrderLog {
 public:
  SimulatedOrderLog(SimulatedBroker& broker, FaultyCalls& calls)
      : broker_(broker), calls_(calls), seen_end_(broker.orders.stable_end()) {}

  Result<LogRange> range() override;
  Result<std::int64_t> locate(const std::function<bool(std::string_view record)>& reached) override;
  Result<void> start_at(std::int64_t log_offset) override;
  Result<RecordPoll> poll(std::chrono::milliseconds wait) override;

 private:
  Result<RecordPoll> read();
  void look_for_the_end();

  SimulatedBroker& broker_;
  FaultyCalls& calls_;
  std::int64_t seen_end_;  // may lag behind the stable end, as after a change of leaders
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
