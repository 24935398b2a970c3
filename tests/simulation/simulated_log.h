// Pure: one partition of `intents` and one of `orders` in memory, as a broker keeps them: append times, transactions of one
// transactional id, epochs that fence, markers that occupy offsets, the last stable offset.
//
// The protocol is the one before KIP-890, which librdkafka speaks: a request to end a transaction names an epoch, but not which
// transaction, so that a late one can end a later transaction of the same epoch (KAFKA-17754).
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "schemas/ids.h"
#include "tests/simulation/oracle/asked.h"

namespace sluice::simulation {

// What somebody has lost, until it is brought back.
enum class Lost { kNothing, kLastIntents, kFirstIntents, kOneIntent, kRecord, kCount };

struct LostIntents {
  Lost which = Lost::kNothing;
  Offset at = 0;  // of the last: where the log ends now; of the first: where it begins; of one: which
};

struct SimulatedIntents {
  std::vector<oracle::Asked> log;
  Offset low = 0;  // what lies before it has been deleted
  LostIntents lost = {};

  // What a reader finds. The end may lie before the beginning.
  Offset begin() const { return lost.which == Lost::kFirstIntents ? std::max(low, lost.at) : low; }
  Offset end() const { return lost.which == Lost::kLastIntents ? lost.at : static_cast<Offset>(log.size()); }
  bool is_missing(Offset offset) const { return lost.which == Lost::kOneIntent && offset == lost.at; }
};

// What a broker must do, and a broken one does not.
struct BrokerHabits {
  bool fences = true;           // an old epoch can no longer write
  bool verifies_writes = true;  // a write must belong to an ongoing transaction (Kafka >= 3.6)
  bool hides_undecided = true;  // read_committed ends at the last stable offset
  bool hides_aborted = true;
};

class SimulatedOrders {
 public:
  enum class Answer { kDone, kFenced, kRefused };

  explicit SimulatedOrders(BrokerHabits habits = {}) : habits_(habits) {}

  // What is written from now on is stamped with this.
  void set_clock(UnixMillis now) { now_ = now; }

  // Of the coordinator. A new epoch; resolves what the older one left before it returns.
  int init();
  // The epoch begins a transaction, unless one of it is going on.
  Answer add_partition(int epoch);
  // Ends the epoch's transaction, whichever it is. `marker_now` false: it is decided, but readers see it only after `settle`.
  Answer commit(int epoch, bool marker_now);
  // What the coordinator does to a transaction that has lasted too long: aborts it, and fences its writer.
  void expire();
  // Writes the marker of a transaction that is decided.
  void settle();

  bool has_open_transaction(int epoch) const {
    return epoch == epoch_ && current_ && !hanging_ && transactions_[*current_].state == State::kOpen;
  }

  // Of the partition's leader.
  Answer produce(int epoch, std::string record);

  // A transaction of somebody else on the same partition, which holds readers back until it is aborted.
  void open_strangers_transaction();
  void abort_strangers_transaction();

  // [0, end) as read_uncommitted; read_committed ends at the last stable offset.
  std::int64_t end() const { return static_cast<std::int64_t>(entries_.size()); }
  std::int64_t stable_end() const;
  // All that it has been, in that order: a reader may see an older one, as after a change of leaders.
  const std::vector<std::int64_t>& past_stable_ends() const { return past_stable_ends_; }

  // Calls `visit(offset, append time, record)` for what read_committed sees of [from, until), until it returns false. Returns
  // where the reader stands then. REQUIRES: until <= stable_end().
  std::int64_t read(std::int64_t from, std::int64_t until,
                    const std::function<bool(std::int64_t, UnixMillis, const std::string&)>& visit) const;

  // Calls `visit(append time, record)` for what is decided to be committed from the offset `from` on, also if no reader sees it
  // yet, up to the first record of which nobody knows. Returns where it stands. The records stay where they are.
  std::int64_t read_decided(std::int64_t from, const std::function<void(UnixMillis, const std::string&)>& visit) const;

 private:
  enum class State { kOpen, kCommitting, kCommitted, kAborted };

  struct Transaction {
    int epoch = 0;
    State state = State::kOpen;
    std::int64_t first = -1;  // offset; -1 while it has written nothing
  };

  struct Entry {
    std::size_t transaction = 0;
    bool marker = false;
    std::string record;
    UnixMillis append_time = 0;
  };

  std::size_t open_transaction(int epoch);
  void write(std::size_t transaction, std::string record);
  void end_with_marker(std::size_t transaction, State state);
  bool is_undecided(std::size_t transaction) const {
    return transactions_[transaction].state == State::kOpen || transactions_[transaction].state == State::kCommitting;
  }

  BrokerHabits habits_;
  UnixMillis now_ = 0;
  std::deque<Entry> entries_;
  std::vector<Transaction> transactions_;
  std::vector<std::int64_t> past_stable_ends_ = {0};
  std::optional<std::size_t> current_;  // of our transactional id: open or committing
  std::optional<std::size_t> strangers_;
  bool hanging_ = false;    // the leader opened `current_` for a stale write, and the coordinator knows nothing of it
  int epoch_ = 0;           // as the coordinator knows it
  int leaders_epoch_ = 0;   // as the partition's leader has seen it in writes and markers
  bool ended_one_ = false;  // this epoch has committed a transaction, and begun no other
};

}  // namespace sluice::simulation
