#include "sink/sink_loop.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <variant>

#include "runtime/failpoint.h"
#include "runtime/log.h"
#include "sink/dead_letter_rows.h"

namespace sluice {
namespace {

constexpr double kMillisPerSecond = 1000;

}  // namespace

SinkLoop::SinkLoop(const SinkLimits& limits, Generation generation, OrdersReader& orders, SinkDatabase& database,
                   DeadLetters& dead_letters, SinkMetrics& metrics)
    : limits_(limits),
      generation_(generation),
      orders_(orders),
      database_(database),
      dead_letters_(dead_letters),
      metrics_(metrics) {}

void SinkLoop::own(std::span<const Partition> partitions) {
  owned_.assign(partitions.begin(), partitions.end());
  std::vector<Partition> lost;
  for (const auto& [partition, fold] : folds_) {
    if (std::ranges::find(owned_, partition) == owned_.end()) lost.push_back(partition);
  }
  for (const Partition partition : lost) close(partition);
}

Result<void> SinkLoop::poll_once(UnixMillis now) {
  Result<void> done = turn(now);
  is_storing_ = done.ok() && !folds_.empty();
  if (!done) {
    // What was read is not stored, perhaps: only the database knows where to go on.
    while (!folds_.empty()) close(folds_.begin()->first);
  }
  return done;
}

Result<void> SinkLoop::turn(UnixMillis now) {
  if (auto opened = open_partitions(); !opened) return opened;
  if (auto folded = fold_batch(now); !folded) return folded;
  if (auto stored = store_what_is_new(now); !stored) return stored;
  if (folds_.empty() || now - database_answered_ms_ < limits_.ask_after.count()) return {};
  const auto answer = database_.position_of(folds_.begin()->first);
  if (!answer) return answer.error();
  database_answered_ms_ = now;
  return {};
}

Result<void> SinkLoop::store_what_is_new(UnixMillis now) {
  std::vector<Partition> fenced;
  for (auto& [partition, fold] : folds_) {
    if (!fold.has_news()) continue;
    Result<void> stored = store(partition, fold);
    if (!stored && stored.error().kind != Error::Kind::kFenced) return stored;
    database_answered_ms_ = now;
    if (stored) continue;
    log_info("{}; starting again from there", stored.error().message);
    metrics_.fenced.Increment();
    fenced.push_back(partition);
  }
  for (const Partition partition : fenced) close(partition);
  return {};
}

Result<void> SinkLoop::open_partitions() {
  for (const Partition partition : owned_) {
    if (folds_.contains(partition)) continue;
    const auto stored = database_.position_of(partition);
    if (!stored) return stored.error();
    auto sales = database_.sales_of(partition);
    if (!sales) return sales.error();
    PartitionFold fold(partition, generation_, *stored, std::move(*sales));
    if (auto started = orders_.start(partition, fold.reads_from(), stored->orders_offset); !started) return started;
    folds_.emplace(partition, std::move(fold));
    metrics_.next_offset(partition).Set(static_cast<double>(stored->next));
    metrics_.partitions.Set(static_cast<double>(folds_.size()));
    log_info("partition {}: stores the rulings from intent {} on", partition.value, stored->next);
  }
  return {};
}

Result<void> SinkLoop::fold_batch(UnixMillis now) {
  const auto batch = orders_.poll(limits_.batch_records_max, limits_.poll_wait);
  if (!batch) return batch.error();
  for (const PartitionRecord& read : *batch) {
    const auto fold = folds_.find(read.partition);
    if (fold == folds_.end()) continue;  // was in the reader's hands when the partition was lost
    if (!record_.ParseFromArray(read.bytes.data(), static_cast<int>(read.bytes.size()))) {
      return Error::fatal(fmt::format("orders, partition {}: the message at {} is no record: somebody else writes to the topic",
                                      read.partition.value, read.log_offset));
    }
    if (auto added = fold->second.add(record_, read.log_offset); !added) return added;
    metrics_.records.Increment();
    metrics_.record_age_seconds.Observe(static_cast<double>(now - record_.log_time_ms()) / kMillisPerSecond);
  }
  return {};
}

Result<void> SinkLoop::store(Partition partition, PartitionFold& fold) {
  const Rows& rows = fold.rows();
  SLUICE_FAILPOINT("sink.before_begin");
  if (auto written = write(partition, fold, rows); !written) {
    database_.rollback();
    return written;
  }
  SLUICE_FAILPOINT("sink.before_commit");
  if (auto committed = database_.commit(); !committed) return committed;
  SLUICE_FAILPOINT("sink.after_commit");
  metrics_.transactions.Increment();
  metrics_.rows.Increment(static_cast<double>(rows.size()));
  metrics_.next_offset(partition).Set(static_cast<double>(fold.to().next));
  fold.mark_stored();
  return {};
}

// Everything of the transaction that must happen before its commit, in this order: the position first, so that a late writer
// stops before it touches a row; the dead letters last, when all refusals are known.
Result<void> SinkLoop::write(Partition partition, const PartitionFold& fold, const Rows& rows) {
  if (auto begun = database_.begin(partition, fold.from(), fold.to()); !begun) return begun;
  SLUICE_FAILPOINT("sink.after_position");
  std::vector<v1::DeadLetter> refused;
  for (const TableRows& table : rows.tables()) {
    auto written = std::visit([&](const auto& of_table) { return upsert(of_table, refused); }, table);
    if (!written) return written;
  }
  if (refused.empty()) return {};
  log_warning("partition {}: the database refuses {} rows, the first of table {} for {}: {}; they go to dead-letters",
              partition.value, refused.size(), refused.front().table(), subject_of(refused.front()), refused.front().error());
  if (auto appended = dead_letters_.append(refused); !appended) return appended;
  metrics_.dead_letters.Increment(static_cast<double>(refused.size()));
  return {};
}

template <typename Row>
Result<void> SinkLoop::upsert(std::span<const Row> rows, std::vector<v1::DeadLetter>& refused) {
  while (!rows.empty()) {
    const auto statement = rows.first(std::min(rows.size(), static_cast<std::size_t>(limits_.statement_rows_max)));
    rows = rows.subspan(statement.size());
    if (auto written = upsert_in_pieces(statement, refused); !written) return written;
  }
  return {};
}

// Halves what is refused until the rows that are to blame stand alone.
template <typename Row>
Result<void> SinkLoop::upsert_in_pieces(std::span<const Row> statement, std::vector<v1::DeadLetter>& refused) {
  std::vector<std::span<const Row>> pieces = {statement};
  while (!pieces.empty()) {
    const std::span<const Row> piece = pieces.back();
    pieces.pop_back();
    const auto refusal = database_.upsert(piece);
    if (!refusal) return refusal.error();
    if (!refusal->has_value()) continue;
    if (piece.size() > 1) {
      pieces.push_back(piece.subspan(piece.size() / 2));
      pieces.push_back(piece.first(piece.size() / 2));
      continue;
    }
    refused.push_back(dead_letter_of(piece.front(), **refusal));
    if (refused.size() > static_cast<std::size_t>(limits_.refused_rows_max)) {
      return Error::fatal(
          fmt::format("the database refuses more than {} rows of one transaction, the last for: {}. That is no matter of "
                      "single rows: correct the table {} (schemas/mysql), or raise limits.refused_rows",
                      limits_.refused_rows_max, (*refusal)->words, refused.back().table()));
    }
  }
  return {};
}

void SinkLoop::close(Partition partition) {
  orders_.stop(partition);
  folds_.erase(partition);
  metrics_.partitions.Set(static_cast<double>(folds_.size()));
}

}  // namespace sluice
