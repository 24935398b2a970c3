// Shell: the broker and the network before it, and what happens there that no process brings about.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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
  kViewWrittenLate,    // a row reached the view after its process was gone
  kLastWritesLost,     // a crash took what a store had not written yet
  kWriteFailedBehind,  // and a later call told so
  kRebalance,          // of sinks and reapers
  kAppendUnknown,      // nobody knows whether an intent was written
  kReapersClockAhead,
  kLastIntentsRefused,  // a lane saw that intents were lost which it needs, and said so: the last ones
  kFirstIntentsRefused,
  kGapRefused,
  kRecordMissedByLane,  // of `orders`, when it starts; the others when they read on
  kRecordMissedBySink,
  kRecordMissedByReaper,
  kRecordMissedByIngest,
  kStoreRefused,     // it saw that a store was made from another log, and said so
  kDatabaseRefused,  // as a sink does of its database
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
  Generation generation = {};                              // of both topics
  std::deque<std::function<void()>> in_flight = {};        // requests whose sender no longer waits for them
  UnixMillis ahead = 0;                                    // of its clock, before everybody else's
  UnixMillis skew_max = 0;                                 // between the clocks of its nodes
  bool calm = false;                                       // nothing is late any more
  std::optional<std::int64_t> lost_record = std::nullopt;  // of `orders`: no reader sees it
  // In which turn of the world what was lost last came back; before the first: never.
  std::array<std::int64_t, static_cast<std::size_t>(Lost::kCount)> brought_back = {-1, -1, -1, -1, -1};
  HappeningCounts happenings = {};
};

// What one read_committed reader sees of `orders`: the end as it is, or as it was at some time since it looked last, as after a
// change of leaders.
class CommittedReader {
 public:
  explicit CommittedReader(SimulatedBroker& broker) : broker_(broker), seen_end_(broker.orders.stable_end()) {}

  // Looks for the end, and returns it.
  std::int64_t end();
  // As SimulatedOrders::read, from `from` to the end that was seen last.
  template <typename Visit>
  std::int64_t read(std::int64_t from, const Visit& visit) const {
    return broker_.orders.read(from, seen_end_, [&](std::int64_t offset, UnixMillis append_time, const std::string& record) {
      return broker_.lost_record == offset || visit(offset, append_time, record);
    });
  }

 private:
  SimulatedBroker& broker_;
  std::int64_t seen_end_;
};

// Whether a reader has been handed a record that lies behind a lost one, which it should have had before.
class GapWatch {
 public:
  // `started` false: nobody waits for what comes.
  void start_at(std::int64_t log_offset, bool started) {
    next_ = started ? log_offset : std::numeric_limits<std::int64_t>::max();
    shown_ = false;
  }
  void hand_out(std::int64_t log_offset, const std::optional<std::int64_t>& lost) {
    if (log_offset < next_) return;
    shown_ = shown_ || (lost && *lost >= next_ && *lost < log_offset);
    next_ = log_offset + 1;
  }
  // At the next poll; who has seen a gap does not come back without a new start.
  void judge(const char* who) const {
    if (shown_) throw Violation(std::string(who) + " reads on behind a gap in orders");
  }

 private:
  std::int64_t next_ = 0;
  bool shown_ = false;
};

}  // namespace sluice::simulation
