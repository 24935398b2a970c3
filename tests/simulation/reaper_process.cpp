#include "tests/simulation/reaper_process.h"

#include <fmt/format.h>

#include <utility>

#include "schemas/intent_format.h"
#include "tests/simulation/losses.h"

namespace sluice::simulation {

Result<FeedBounds> SimulatedFeed::bounds(Partition) {
  return calls_.make(Step::kReaperBounds, [this]() -> Result<FeedBounds> { return FeedBounds{0, reader_.end()}; });
}

Result<void> SimulatedFeed::start(Partition partition, std::int64_t log_offset) {
  Result<void> started = calls_.make(Step::kReaperStart, [&]() -> Result<void> {
    partition_ = partition;
    next_ = log_offset;
    return {};
  });
  gaps_.start_at(log_offset, started.ok());
  return started;
}

Result<FedBatch> SimulatedFeed::poll(int count_max, std::chrono::milliseconds) {
  return calls_.make(Step::kReaperPoll, [this, count_max] { return read(count_max); });
}

Result<FedBatch> SimulatedFeed::read(int count_max) {
  records_.clear();
  bytes_.clear();
  ends_.clear();
  if (!next_) return FedBatch{};
  gaps_.judge("a reaper");
  const std::int64_t most = broker_.dice.between(1, count_max);
  bytes_.reserve(static_cast<std::size_t>(most));
  const std::int64_t end = reader_.end();
  next_ = reader_.read(*next_, [&](std::int64_t offset, UnixMillis append_time, const std::string& record) {
    gaps_.hand_out(offset, broker_.lost_record);
    bytes_.push_back(record);
    records_.push_back({partition_, offset, append_time, bytes_.back()});
    return static_cast<std::int64_t>(records_.size()) < most;
  });
  if (*next_ >= end && broker_.dice.chance(0.7)) ends_.push_back({partition_, *next_});
  return FedBatch{records_, ends_};
}

Result<std::optional<ReadMark>> SimulatedMarks::mark_of(Partition partition) {
  return calls_.make(Step::kReaperMark, [&]() -> Result<std::optional<ReadMark>> {
    const auto kept = kept_.find(partition);
    return kept == kept_.end() ? std::nullopt : std::optional(kept->second);
  });
}

Result<void> SimulatedMarks::keep(const std::map<Partition, ReadMark>& marks) {
  const auto keep_all = [this, &marks] {
    for (const auto& [partition, mark] : marks) kept_[partition] = mark;
  };
  return calls_.make(
      Step::kMarksKeep,
      [&]() -> Result<void> {
        keep_all();
        return {};
      },
      [this, marks] {
        broker_.in_flight.push_back([&kept = kept_, marks] {
          for (const auto& [partition, mark] : marks) kept[partition] = mark;
        });
      });
}

Result<void> SimulatedDues::append(Partition, const v1::Due& due, std::uint64_t id) {
  judge_(due);
  v1::Intent intent;
  intent.set_magic(kIntentMagic);
  *intent.mutable_due() = due;
  return calls_.make(
      Step::kDueAppend,
      [&]() -> Result<void> {
        producer_.send(id, intent.SerializeAsString(), true);
        return {};
      },
      [&] { producer_.send_late(intent.SerializeAsString()); });
}

Result<std::span<const DueWritten>> SimulatedDues::poll() {
  return calls_.make(Step::kDueEnds, [this]() -> Result<std::span<const DueWritten>> {
    ends_.clear();
    written_.clear();
    producer_.take_ended(ends_);
    for (const SimulatedProducer::End& end : ends_) {
      const bool known = end.how == SimulatedProducer::How::kAcknowledged;
      written_.push_back({end.id, known ? std::optional(end.offset) : std::nullopt});
    }
    return std::span<const DueWritten>(written_);
  });
}

ReaperProcess::ReaperProcess(Surroundings& surroundings, KeptMarks& marks, ReaperMetrics& metrics)
    : surroundings_(surroundings),
      marks_(marks),
      metrics_(metrics),
      life_(
          surroundings, [this] { run(); }, [] {}) {}

void ReaperProcess::run() {
  const std::int64_t begun = surroundings_.turn;
  ReaperLimits limits;
  limits.batch_records_max = static_cast<int>(surroundings_.dice.between(1, 60));
  limits.proposals.due_orders_max = static_cast<std::uint32_t>(surroundings_.dice.between(1, 4));
  limits.proposals.dues_on_their_way_max = static_cast<int>(surroundings_.dice.between(1, 3));
  limits.keep_marks_ms = 1'000;
  SimulatedFeed orders(surroundings_.broker, life_.calls());
  SimulatedDues dues(surroundings_, life_.calls(), [this](const v1::Due& due) { judge_due(due); });
  SimulatedMarks marks(marks_, surroundings_.broker, life_.calls());
  ReaperLoop loop(limits, surroundings_.identity.generation, orders, dues, marks, metrics_);
  bool owned = false;
  for (;;) {
    if (owned != owns_) {
      owned = owns_;
      const Partition ours[] = {surroundings_.identity.partition};
      loop.own(owned ? std::span<const Partition>(ours) : std::span<const Partition>());
    }
    if (Result<void> done = loop.poll_once(surroundings_.now + ahead_); !done && done.error().kind != Error::Kind::kRetryable) {
      if (is_right_about_a_log(done.error().message, surroundings_, begun)) return;
      throw Violation("a reaper gave up for good: " + done.error().message);
    }
    life_.pause();
  }
}

// Nobody loses time to pay by what the reaper asks: of what the Due could release, each order's record was appended its hold
// ago.
void ReaperProcess::judge_due(const v1::Due& due) const {
  surroundings_.witness.look();
  const oracle::Model& model = surroundings_.witness.judge().model();
  for (const auto& [id, order] : model.orders()) {
    if (order.row.status() != v1::HELD || order.row.sku() != due.sku() || order.row.deadline_ms() > due.through_ms()) continue;
    const UnixMillis pay_by = surroundings_.witness.recorded_at(id) + 1000 * static_cast<UnixMillis>(order.row.hold_seconds());
    if (pay_by <= model.log_time()) continue;
    throw Violation(fmt::format("a reaper asks at log time {} to release order {}, which may be paid until {}",
                                model.log_time(), id, pay_by));
  }
}

}  // namespace sluice::simulation
