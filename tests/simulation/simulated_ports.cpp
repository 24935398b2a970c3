#include "tests/simulation/simulated_ports.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace sluice::simulation {
namespace {

using Answer = SimulatedOrders::Answer;

// To one reader that stands before it: more often than a lane has to see a gap before it knows that it stays.
constexpr int kGapsShownMax = 6;

Result<void> result_of(Answer answer) {
  switch (answer) {
    case Answer::kDone:
      return {};
    case Answer::kFenced:
      return Error::fenced("simulated: another writer has a newer epoch");
    case Answer::kRefused:
      return Error::retryable("simulated: no such transaction");
  }
  return {};
}

}  // namespace

Result<LogRange> SimulatedIntentLog::range() {
  return calls_.make(Step::kIntentsRange, [this]() -> Result<LogRange> {
    told_ = LogRange{broker_.intents.begin(), broker_.intents.end()};
    return *told_;
  });
}

// Where a lane begins must be there: what it would read instead is not what comes next.
Result<void> SimulatedIntentLog::start_at(Offset next) {
  if (!next_ && (!told_ || next < told_->low || next > told_->high)) {
    throw Violation(fmt::format("a lane begins to read intents at {}, which are not known to reach there", next));
  }
  return calls_.make(Step::kIntentsStart, [this, next]() -> Result<void> {
    next_ = next;
    return {};
  });
}

Result<std::span<const IntentMessage>> SimulatedIntentLog::poll(int count_max, std::chrono::milliseconds) {
  return calls_.make(Step::kIntentsPoll, [this, count_max] { return read(count_max); });
}

Result<std::span<const IntentMessage>> SimulatedIntentLog::read(int count_max) {
  if (!next_) throw Violation("intents are polled before a place was given");
  const Offset end = broker_.intents.end();
  if (*next_ < broker_.intents.begin() || *next_ > end) return Error::retryable("simulated: offset out of range");
  messages_.clear();
  bytes_.clear();
  const std::int64_t count = std::min<std::int64_t>(broker_.dice.between(1, count_max), end - *next_);
  bytes_.reserve(static_cast<std::size_t>(std::max<std::int64_t>(count, 0)));
  for (std::int64_t i = 0; i < count; ++i, ++*next_) {
    if (leaves_out(*next_)) continue;
    const oracle::Asked& intent = broker_.intents.log[static_cast<std::size_t>(*next_)];
    bytes_.push_back(intent.bytes);
    messages_.push_back({*next_, intent.append_time, bytes_.back()});
  }
  return std::span<const IntentMessage>(messages_);
}

// Not the last one of all: that could not be noticed before another comes.
bool SimulatedIntentLog::leaves_out(Offset offset) {
  if (offset + 1 >= broker_.intents.end()) return false;
  if (broker_.intents.is_missing(offset)) {
    if (messages_.empty() && ++gaps_shown_ > kGapsShownMax)
      throw Violation("a lane reads a gap again and again, and does not say so");
    return true;
  }
  if (broker_.calm || !broker_.dice.chance(left_out_.empty() ? 0.002 : 0.03)) return false;
  const bool leave_out = left_out_.insert(offset).second;
  if (leave_out) ++broker_.happenings[Happening::kIntentsGap];
  return leave_out;
}

Result<LogRange> SimulatedOrderLog::range() {
  return calls_.make(Step::kOrdersRange, [this]() -> Result<LogRange> { return LogRange{0, broker_.orders.end()}; });
}

Result<std::int64_t> SimulatedOrderLog::locate(const std::function<bool(std::string_view record)>& reached) {
  return calls_.make(Step::kOrdersLocate, [this, &reached]() -> Result<std::int64_t> {
    next_.reset();
    reader_.end();
    std::optional<std::int64_t> found;
    const std::int64_t end = reader_.read(0, [&](std::int64_t offset, UnixMillis, const std::string& record) {
      if (reached(record)) found = offset;
      return !found;
    });
    return found.value_or(end);
  });
}

Result<void> SimulatedOrderLog::start_at(std::int64_t log_offset) {
  return calls_.make(Step::kOrdersStart, [this, log_offset]() -> Result<void> {
    next_ = log_offset;
    return {};
  });
}

Result<RecordPoll> SimulatedOrderLog::poll(std::chrono::milliseconds) {
  return calls_.make(Step::kOrdersPoll, [this] { return read(); });
}

Result<RecordPoll> SimulatedOrderLog::read() {
  if (!next_) throw Violation("orders are polled before a place was given");
  records_.clear();
  bytes_.clear();
  const std::int64_t count_max = broker_.dice.between(1, 60);
  bytes_.reserve(static_cast<std::size_t>(count_max));
  const std::int64_t end = reader_.end();
  next_ = reader_.read(*next_, [&](std::int64_t offset, UnixMillis append_time, const std::string& record) {
    bytes_.push_back(record);
    records_.push_back({offset, append_time, bytes_.back()});
    return static_cast<std::int64_t>(records_.size()) < count_max;
  });
  RecordPoll poll{.records = records_, .end = std::nullopt};
  // The end is announced when it is met, or by a later poll.
  if (*next_ >= end && broker_.dice.chance(0.7)) poll.end = *next_;
  return poll;
}

Result<void> SimulatedOrderWriter::acquire() {
  return calls_.make(
      Step::kAcquire,
      [this]() -> Result<void> {
        epoch_ = broker_.orders.init();
        return {};
      },
      [this] { broker_.in_flight.push_back([&broker = broker_] { broker.orders.init(); }); });
}

Result<void> SimulatedOrderWriter::begin() {
  return calls_.make(Step::kBegin, [this]() -> Result<void> {
    if (!epoch_) throw Violation("a transaction is begun before the partition was acquired");
    began_ = true;
    added_ = false;
    unsent_.clear();
    failed_.reset();
    return {};
  });
}

Result<void> SimulatedOrderWriter::append(std::string_view, std::string_view record) {
  if (!began_) throw Violation("a record is appended outside a transaction");
  return calls_.make(
      Step::kAppend,
      [this, record]() -> Result<void> {
        unsent_.emplace_back(record);
        if (broker_.dice.chance(0.4)) return send_unsent();
        return {};
      },
      [this, record] {
        unsent_.emplace_back(record);
        let_unsent_fly();
      });
}

Result<void> SimulatedOrderWriter::flush() {
  return calls_.make(
      Step::kFlush, [this] { return send_unsent(); }, [this] { let_unsent_fly(); });
}

Result<void> SimulatedOrderWriter::commit() {
  return calls_.make(
      Step::kCommit, [this] { return end_transaction(); },
      [this] {
        if (!send_unsent()) return;
        broker_.in_flight.push_back([&broker = broker_, epoch = *epoch_] { broker.orders.commit(epoch, true); });
      });
}

// In order; what follows a failed one fails too, as its sequence number does not fit any more.
Result<void> SimulatedOrderWriter::send_unsent() {
  for (std::string& record : unsent_) {
    if (failed_) break;
    Result<void> sent = added_ ? Result<void>() : result_of(broker_.orders.add_partition(*epoch_));
    added_ = added_ || sent.ok();
    if (sent) sent = result_of(broker_.orders.produce(*epoch_, std::move(record)));
    if (!sent) failed_ = sent.error();
  }
  unsent_.clear();
  if (failed_) return *failed_;
  return {};
}

Result<void> SimulatedOrderWriter::end_transaction() {
  if (Result<void> sent = send_unsent(); !sent) return sent;
  const bool marker_now = broker_.calm || broker_.dice.chance(0.7);
  if (Result<void> ended = result_of(broker_.orders.commit(*epoch_, marker_now)); !ended) return ended;
  began_ = false;
  if (!marker_now) ++broker_.happenings[Happening::kMarkerDelayed];
  if (!broker_.calm && broker_.dice.chance(0.15)) {
    // The client had asked twice, and the second request is still on its way.
    broker_.in_flight.push_back([&broker = broker_, epoch = *epoch_] {
      ++broker.happenings[Happening::kEndArrivedLate];
      if (broker.orders.has_open_transaction(epoch)) ++broker.happenings[Happening::kEndedNextEarly];
      broker.orders.commit(epoch, true);
    });
  }
  return {};
}

void SimulatedOrderWriter::let_unsent_fly() {
  broker_.in_flight.push_back([&broker = broker_, epoch = *epoch_, added = added_, records = std::move(unsent_)] {
    if (!added && broker.orders.add_partition(epoch) != Answer::kDone) return;
    for (const std::string& record : records) {
      if (broker.orders.produce(epoch, record) != Answer::kDone) return;
    }
  });
  unsent_.clear();
}

}  // namespace sluice::simulation
