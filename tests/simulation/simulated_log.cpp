#include "tests/simulation/simulated_log.h"

#include <algorithm>
#include <utility>

#include "runtime/check.h"

namespace sluice::simulation {

int SimulatedOrders::init() {
  settle();
  if (habits_.fences || epoch_ == 0) ++epoch_;
  if (current_ && !hanging_) end_with_marker(*std::exchange(current_, std::nullopt), State::kAborted);
  ended_one_ = false;
  return epoch_;
}

SimulatedOrders::Answer SimulatedOrders::add_partition(int epoch) {
  if (epoch != epoch_) return Answer::kFenced;
  settle();  // the broker says "concurrent transactions", and the client asks again until the one before is complete
  if (!current_) current_ = open_transaction(epoch);
  hanging_ = false;  // one that hangs becomes part of it, since the leader knows of one transaction only
  ended_one_ = false;
  return Answer::kDone;
}

SimulatedOrders::Answer SimulatedOrders::produce(int epoch, std::string record) {
  if (habits_.verifies_writes) {
    if (epoch != epoch_) return Answer::kFenced;
    if (!current_ || transactions_[*current_].state != State::kOpen) return Answer::kRefused;
  } else {
    if (epoch < leaders_epoch_) return Answer::kFenced;
    settle();
    if (!current_) {
      current_ = open_transaction(epoch);
      hanging_ = true;
    }
  }
  write(*current_, std::move(record));
  leaders_epoch_ = std::max(leaders_epoch_, epoch);
  return Answer::kDone;
}

SimulatedOrders::Answer SimulatedOrders::commit(int epoch, bool marker_now) {
  if (epoch != epoch_) return Answer::kFenced;
  if (!current_ || hanging_) return ended_one_ ? Answer::kDone : Answer::kRefused;
  transactions_[*current_].state = State::kCommitting;
  ended_one_ = true;
  if (marker_now) settle();
  return Answer::kDone;
}

void SimulatedOrders::expire() {
  settle();
  if (!current_ || hanging_) return;
  ++epoch_;
  end_with_marker(*std::exchange(current_, std::nullopt), State::kAborted);
}

void SimulatedOrders::settle() {
  if (!current_ || transactions_[*current_].state != State::kCommitting) return;
  end_with_marker(*std::exchange(current_, std::nullopt), State::kCommitted);
}

void SimulatedOrders::open_strangers_transaction() {
  if (strangers_) return;
  strangers_ = open_transaction(0);
  write(*strangers_, "bytes of a stranger");
}

void SimulatedOrders::abort_strangers_transaction() {
  if (strangers_) end_with_marker(*std::exchange(strangers_, std::nullopt), State::kAborted);
}

std::int64_t SimulatedOrders::stable_end() const {
  std::int64_t stable = end();
  if (!habits_.hides_undecided) return stable;
  for (const std::optional<std::size_t>& transaction : {current_, strangers_}) {
    if (!transaction || transactions_[*transaction].first < 0) continue;
    stable = std::min(stable, transactions_[*transaction].first);
  }
  return stable;
}

std::int64_t SimulatedOrders::read(std::int64_t from, std::int64_t until,
                                   const std::function<bool(std::int64_t, UnixMillis, const std::string&)>& visit) const {
  for (; from < until; ++from) {
    const Entry& entry = entries_[static_cast<std::size_t>(from)];
    if (entry.marker || entry.transaction == strangers_) continue;
    if (transactions_[entry.transaction].state == State::kAborted && habits_.hides_aborted) continue;
    if (!visit(from, entry.append_time, entry.record)) return from + 1;
  }
  return from;
}

std::int64_t SimulatedOrders::read_decided(std::int64_t from,
                                           const std::function<void(UnixMillis, const std::string&)>& visit) const {
  for (; from < end(); ++from) {
    const Entry& entry = entries_[static_cast<std::size_t>(from)];
    if (entry.marker || entry.transaction == strangers_) continue;
    const State state = transactions_[entry.transaction].state;
    if (state == State::kOpen) break;
    if (state != State::kAborted) visit(entry.append_time, entry.record);
  }
  return from;
}

std::size_t SimulatedOrders::open_transaction(int epoch) {
  transactions_.push_back({.epoch = epoch});
  return transactions_.size() - 1;
}

void SimulatedOrders::write(std::size_t transaction, std::string record) {
  if (transactions_[transaction].first < 0) transactions_[transaction].first = end();
  entries_.push_back({transaction, false, std::move(record), now_});
}

// A transaction that wrote nothing leaves no marker.
void SimulatedOrders::end_with_marker(std::size_t transaction, State state) {
  CHECK(is_undecided(transaction));
  transactions_[transaction].state = state;
  if (transactions_[transaction].first < 0) return;
  entries_.push_back({transaction, true, {}, now_});
  past_stable_ends_.push_back(stable_end());
  if (transactions_[transaction].epoch != 0) leaders_epoch_ = std::max(leaders_epoch_, epoch_);
}

}  // namespace sluice::simulation
