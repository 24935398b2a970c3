#include "ledger/view_lane.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "ledger/order_chunks.h"
#include "ledger/store_rows.h"
#include "runtime/log.h"

namespace sluice {
namespace {

constexpr std::size_t kRowsPerExchange = 500;  // enough to hide the way to Redis, few enough to stop soon
constexpr int kOverflowDoublingsMax = 3;

}  // namespace

ViewLane::ViewLane(Partition partition, LedgerStore& store, const ViewLaneSettings& settings, Metrics& metrics)
    : partition_(partition),
      store_(store),
      settings_(settings),
      view_metrics_(metrics),
      metrics_(metrics, partition),
      backlog_(settings.backlog_rows_max),
      kept_since_(settings.generation, settings.closed_orders_keep.count()) {}

ViewLane::~ViewLane() { metrics_.follows.Set(0); }

Result<void> ViewLane::turn(ViewWriter& redis, Instant now, const Between& between) {
  notice_loss(now);
  has_more_ = false;
  if (auto written = write_published(redis); !written) return written;
  return follows_ || now < retry_ ? Result<void>() : catch_up(redis, now, between);
}

Result<void> ViewLane::write_published(ViewWriter& redis) { return follows_ ? write_backlog(redis) : write_stocks(redis); }

// Nothing is promised of them: they carry their own position.
Result<void> ViewLane::write_stocks(ViewWriter& redis) {
  const ViewChanges changes = backlog_.take_stocks();
  for (const StockSnapshot& stock : changes.stocks) {
    redis.add(view_row(stock, changes.log_time));
    if (redis.added() < kRowsPerExchange) continue;
    if (auto flushed = flush(redis); !flushed) return flushed;
  }
  return changes.stocks.empty() ? Result<void>() : flush(redis);
}

void ViewLane::notice_loss(Instant now) {
  const ViewBacklog::State state = backlog_.state();
  if (!follows_ || state == ViewBacklog::State::kFollows) return;
  if (state == ViewBacklog::State::kMissed) return fall_behind(now);
  const auto wait = settings_.overflow_wait * (1 << std::min(overflows_++, kOverflowDoublingsMax));
  log_warning("partition {}: more than {} rows wait for Redis; it will be given what the store holds in {} ms",
              partition_.value, settings_.backlog_rows_max, wait.count());
  fall_behind(now + wait);
}

void ViewLane::fall_behind(Instant retry) {
  backlog_.stop_following();
  follows_ = false;
  metrics_.follows.Set(0);
  told_kept_.reset();
  retry_ = retry;
}

Result<void> ViewLane::write_backlog(ViewWriter& redis) {
  const std::optional<ViewChanges> changes = backlog_.take();
  if (!changes) return {};
  const auto add = [&](const auto& row) -> Result<void> {
    redis.add(row);
    return redis.added() < kRowsPerExchange ? Result<void>() : flush(redis);
  };
  const UnixMillis keep = settings_.closed_orders_keep.count();
  for (const OrderSnapshot& order : changes->orders) {
    if (auto added = add(view_row(order, keep)); !added) return added;
  }
  for (const AliasSnapshot& alias : changes->aliases) {
    if (auto added = add(view_row(alias, keep)); !added) return added;
  }
  for (const PaymentSnapshot& payment : changes->payments) {
    const auto field = view_field(payment);
    if (!field) continue;
    if (auto added = add(*field); !added) return added;
  }
  for (const StockSnapshot& stock : changes->stocks) {
    if (auto added = add(view_row(stock, changes->log_time)); !added) return added;
  }
  if (auto flushed = flush(redis); !flushed) return flushed;
  kept_since_.note(changes->next, changes->log_time);
  if (changes->aliases_whole_from > aliases_whole_from_) {
    if (auto withdrawn = withdraw_kept(redis, changes->aliases_whole_from); !withdrawn) return withdrawn;
  }
  return promise(redis, promised_, changes->next);
}

Result<void> ViewLane::check(ViewWriter& redis, Instant now, UnixMillis time) {
  if (!follows_) return {};
  overflows_ = 0;
  auto promised = promised_in(redis);
  if (!promised) return promised.error();
  if (*promised && **promised >= promised_) return promise_kept(redis, time);
  log_warning("partition {}: Redis has lost what it had; everything is written again", partition_.value);
  fall_behind(now);
  return {};
}

Result<void> ViewLane::promise_kept(ViewWriter& redis, UnixMillis time) {
  if (told_kept_ && !kept_since_.is_due(told_kept_->until, time)) return {};
  auto promise = kept_since_.promise(time);
  if (!promise) return {};
  promise->version = std::max(promise->version, aliases_whole_from_);
  if (promise == told_kept_) return {};
  told_kept_ = promise;
  return redis.promise_kept(partition_, *promise);
}

// An order has been repeated more often than aliases are kept. Before `progress` moves past the one that has none: a reader
// who finds no key for it must not take that for a refusal. A promise that begins after it follows.
Result<void> ViewLane::withdraw_kept(ViewWriter& redis, Position aliases_whole_from) {
  aliases_whole_from_ = aliases_whole_from;
  told_kept_.reset();
  return redis.withdraw_kept(partition_);
}

Result<void> ViewLane::catch_up(ViewWriter& redis, Instant now, const Between& between) {
  auto promised = promised_in(redis);
  if (!promised) return promised.error();
  const bool trusted = *promised && **promised >= promised_;
  const Position from = trusted ? **promised : Position::at(settings_.generation, 0);
  auto stored = stored_progress();
  const bool is_near = stored && stored->next_offset() - from.offset() <= static_cast<Offset>(settings_.backlog_rows_max);
  if (is_near) {
    // Before the store is read: a lane publishes a batch after it has stored it, so what this reading misses will be published.
    backlog_.follow();
    stored = stored_progress();
  }
  if (!stored) return wait_for_store(redis, stored.error(), now);
  const Position next = Position::at(settings_.generation, stored->next_offset());
  if (next < from) {
    if (!std::exchange(told_to_wait_, true)) {
      log_info("partition {}: Redis shows offset {}, the store has come to {}: the view waits for it", partition_.value,
               from.offset(), next.offset());
    }
    fall_behind(now + settings_.overflow_wait);
    return {};
  }
  told_to_wait_ = false;
  told_store_trouble_.clear();
  view_metrics_.rereads.Increment();
  if (!trusted) {
    if (auto withdrawn = redis.withdraw_promises(partition_); !withdrawn) return withdrawn;
  }
  auto copied = copy_rows(redis, from, stored->log_time_ms(), between);
  if (!copied && copied.error().kind != Error::Kind::kRetryable) return wait_for_store(redis, copied.error(), now);
  if (!copied) return copied.error();
  if (!*copied) {
    fall_behind(now);
    return {};
  }
  kept_since_.note(next, stored->log_time_ms());
  if (auto withdrawn = withdraw_kept(redis, Position::at(settings_.generation, stored->aliases_whole_from())); !withdrawn) {
    return withdrawn;
  }
  // While there was much to copy, the lane gathered nothing that would only have been too much in the end.
  if (!is_near) {
    has_more_ = true;
    return promise(redis, trusted ? from : Position{}, next);
  }
  follows_ = true;
  metrics_.follows.Set(1);
  log_info("partition {}: the view in Redis follows from offset {}", partition_.value, next.offset());
  return promise(redis, trusted ? from : Position{}, next);
}

// What is wrong with a store is its lane's to say and to end: it cannot do without it. The view of the others goes on.
Result<void> ViewLane::wait_for_store(ViewWriter& redis, const Error& error, Instant now) {
  if (std::exchange(told_store_trouble_, error.message) != error.message) {
    log_warning("partition {}: the view cannot read the store: {}", partition_.value, error.message);
  }
  fall_behind(now + settings_.overflow_wait);
  return flush(redis);  // rows that wait may be written all the same
}

Result<std::optional<Position>> ViewLane::promised_in(ViewWriter& redis) {
  std::optional<Position> promised;
  // Also partition 0's: a partition that only the other count has was never recorded.
  for (const Partition partition : {Partition{0}, partition_}) {
    auto progress = redis.progress(partition);
    if (!progress) return progress.error();
    promised.reset();
    if (!*progress) continue;
    if ((*progress)->generation != settings_.generation.value || (*progress)->partition_count != settings_.partition_count) {
      return Error::fatal(
          fmt::format("Redis at {} holds the view of generation {} with {} partitions, but this ledger runs with generation {} "
                      "and {}: correct "
                      "the settings (topics.generation, topics.partitions), or give the ledger an empty Redis (FLUSHDB)",
                      redis.name(), (*progress)->generation, (*progress)->partition_count, settings_.generation.value,
                      settings_.partition_count));
    }
    promised = (*progress)->next;
  }
  return promised;
}

Result<v1::StoredProgress> ViewLane::stored_progress() {
  auto rows = store_.get({std::string(kProgressRow)});
  if (!rows) return rows.error();
  v1::StoredProgress progress;  // of an empty store: from offset 0
  if (rows->front() && !progress.ParseFromString(*rows->front())) {
    return Error::fatal(fmt::format("partition {}: the store's row of progress cannot be read", partition_.value));
  }
  return progress;
}

// Calls `add(key, row)` for each row of one kind. False: `between` wants it no more, or `add` could not go on.
template <typename Row, typename Add>
Result<bool> ViewLane::copy_kind(ViewWriter& redis, std::string_view kind, const Between& between, Add add) {
  Row row;
  Result<bool> outcome = true;
  const auto scanned = store_.scan(kind, [&](std::string_view key, std::string_view value) {
    if (!row.ParseFromArray(value.data(), static_cast<int>(value.size()))) {
      outcome = Error::fatal(fmt::format("partition {}: a row \"{}\" of the store cannot be read", partition_.value, kind));
      return false;
    }
    add(key, row);
    outcome = go_on(redis, between);
    return outcome.ok() && *outcome;
  });
  if (!scanned) return scanned.error();
  return outcome;
}

Result<bool> ViewLane::copy_orders(ViewWriter& redis, Position from, const Between& between) {
  const UnixMillis keep = settings_.closed_orders_keep.count();
  v1::StoredOrder order;
  Result<bool> outcome = true;
  const auto visited = visit_orders(store_, [&](const KeptOrder& row) {
    // What is there already need not be read but for when it was created, of which a chunk's first order says enough.
    if (row.is_new && !row.is_first && Ticket{row.id}.position() < from) return true;
    if (!row.read(order)) {
      outcome = Error::fatal(fmt::format("partition {}: a row of orders in the store cannot be read", partition_.value));
      return false;
    }
    kept_since_.note(Ticket{row.id}.position(), order.order().created_ms());
    if (Position{order.version()} >= from) redis.add(view_row(snapshot_of(order), keep));
    outcome = go_on(redis, between);
    return outcome.ok() && *outcome;
  });
  if (!visited) return visited.error();
  return outcome;
}

// Writes rows to Redis once there are enough, and how the SKUs stand meanwhile: that is to be fresh however long a copy takes.
Result<bool> ViewLane::go_on(ViewWriter& redis, const Between& between) {
  if (redis.added() < kRowsPerExchange) return true;
  if (const auto flushed = flush(redis); !flushed) return flushed.error();
  if (const auto written = write_stocks(redis); !written) return written.error();
  return between();
}

// False: `between` wants it no more. Rows that the lane writes meanwhile may be among them, newer than the promise to come.
Result<bool> ViewLane::copy_rows(ViewWriter& redis, Position from, UnixMillis log_time, const Between& between) {
  const UnixMillis keep = settings_.closed_orders_keep.count();
  kept_since_.forget();
  auto copied = copy_orders(redis, from, between);
  if (!copied || !*copied) return copied;
  copied = copy_kind<v1::StoredAlias>(redis, kAliasRows, between, [&](std::string_view key, const v1::StoredAlias& stored) {
    const AliasSnapshot alias = snapshot_of(Ticket{order_of_row(key)}, stored);
    if (alias.version() >= from) redis.add(view_row(alias, keep));
  });
  if (!copied || !*copied) return copied;
  copied = copy_kind<v1::StoredPayment>(redis, kPaymentRows, between, [&](std::string_view, const v1::StoredPayment& payment) {
    const auto field = view_field(snapshot_of(payment));
    if (field && field->version >= from) redis.add(*field);
  });
  if (!copied || !*copied) return copied;
  copied = copy_kind<v1::StoredLine>(redis, kLineRows, between, [&](std::string_view, const v1::StoredLine& line) {
    if (Position{line.version()} >= from) redis.add(view_row(snapshot_of(line), log_time));
  });
  if (!copied || !*copied) return copied;
  auto flushed = flush(redis);
  return flushed ? Result<bool>(true) : flushed.error();
}

Result<void> ViewLane::flush(ViewWriter& redis) {
  const std::size_t sent = redis.added();
  auto newer = redis.flush();
  if (!newer) return newer.error();
  view_metrics_.rows_written.Increment(static_cast<double>(*newer));
  view_metrics_.rows_not_newer.Increment(static_cast<double>(sent - *newer));
  return {};
}

Result<void> ViewLane::promise(ViewWriter& redis, Position expected, Position next) {
  auto kept = redis.promise(partition_, expected, {next, settings_.generation.value, settings_.partition_count});
  if (!kept) return kept.error();
  if (*kept < expected) {
    log_warning("partition {}: Redis has lost what it had; everything is written again", partition_.value);
    fall_behind(Instant());
    return {};
  }
  promised_ = *kept;
  metrics_.next_offset.Set(static_cast<double>(promised_.offset()));
  return {};
}

}  // namespace sluice
