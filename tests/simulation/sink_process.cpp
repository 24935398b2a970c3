#include "tests/simulation/sink_process.h"

#include <algorithm>
#include <utility>

#include "tests/simulation/losses.h"

namespace sluice::simulation {

// Where the hint says, since it is right while nobody replaces the log, or earlier.
Result<void> SimulatedOrdersReader::start(Partition partition, Offset from, std::int64_t hint) {
  Result<void> started = calls_.make(Step::kSinkStart, [&]() -> Result<void> {
    partition_ = partition;
    const bool earlier = from == 0 || broker_.dice.chance(0.1);
    next_ = earlier ? std::max<std::int64_t>(0, hint - broker_.dice.between(0, 20)) : hint;
    return {};
  });
  gaps_.start_at(from == 0 ? 0 : hint, started.ok());
  return started;
}

Result<std::span<const PartitionRecord>> SimulatedOrdersReader::poll(int count_max, std::chrono::milliseconds) {
  return calls_.make(Step::kSinkPoll, [this, count_max] { return read(count_max); });
}

Result<std::span<const PartitionRecord>> SimulatedOrdersReader::read(int count_max) {
  records_.clear();
  bytes_.clear();
  if (!next_) return std::span<const PartitionRecord>();
  gaps_.judge("a sink");
  const std::int64_t most = broker_.dice.between(1, count_max);
  bytes_.reserve(static_cast<std::size_t>(most));
  reader_.end();
  next_ = reader_.read(*next_, [&](std::int64_t offset, UnixMillis, const std::string& record) {
    gaps_.hand_out(offset, broker_.lost_record);
    bytes_.push_back(record);
    records_.push_back({partition_, offset, bytes_.back()});
    return static_cast<std::int64_t>(records_.size()) < most;
  });
  return std::span<const PartitionRecord>(records_);
}

Result<void> SimulatedDeadLetters::append(std::span<const v1::DeadLetter> letters) {
  const auto arrive = [&] {
    for (const v1::DeadLetter& letter : letters) books_.take(letter);
  };
  return calls_.make(
      Step::kSinkLetters,
      [&]() -> Result<void> {
        arrive();
        return {};
      },
      arrive);
}

SinkProcess::SinkProcess(Surroundings& surroundings, SimulatedMysql& database, Books& books, SinkMetrics& metrics)
    : surroundings_(surroundings),
      database_(database),
      books_(books),
      metrics_(metrics),
      life_(
          surroundings, [this] { run(); }, [] {}) {}

void SinkProcess::run() {
  SimulatedBroker& broker = surroundings_.broker;
  const std::int64_t begun = surroundings_.turn;
  SinkLimits limits;
  limits.batch_records_max = static_cast<int>(surroundings_.dice.between(1, 30));
  limits.statement_rows_max = static_cast<int>(surroundings_.dice.between(1, 20));
  limits.ask_after = std::chrono::milliseconds(2'000);
  SimulatedOrdersReader orders(broker, life_.calls());
  const auto send_late = [&broker](std::function<void()> request) { broker.in_flight.push_back(std::move(request)); };
  SimulatedDatabase database(
      database_, life_.calls(), [this] { life_.pause(); }, send_late);
  SimulatedDeadLetters letters(books_, life_.calls());
  SinkLoop loop(limits, surroundings_.identity.generation, orders, database, letters, metrics_);
  bool owned = false;
  for (;;) {
    if (owned != owns_) {
      owned = owns_;
      const Partition ours[] = {surroundings_.identity.partition};
      loop.own(owned ? std::span<const Partition>(ours) : std::span<const Partition>());
    }
    if (Result<void> done = loop.poll_once(surroundings_.now); !done && done.error().kind != Error::Kind::kRetryable) {
      if (is_right_to_give_up(done.error().message, begun)) return;
      throw Violation("a sink gave up for good: " + done.error().message);
    }
    life_.pause();
  }
}

bool SinkProcess::is_right_to_give_up(const std::string& why, std::int64_t begun) {
  if (why.find("is not the one that was stored") == std::string::npos) {
    return is_right_about_a_log(why, surroundings_, begun);
  }
  ++surroundings_.broker.happenings[Happening::kDatabaseRefused];
  return database_.is_of_another_log() || database_.brought_back() >= begun;
}

}  // namespace sluice::simulation
