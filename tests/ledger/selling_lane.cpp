#include "tests/ledger/selling_lane.h"

#include <fmt/format.h>

#include "ledger/order_chunks.h"
#include "ledger/store_rows.h"
#include "ledger/view_rows.h"
#include "schemas/redis_keys.h"

namespace sluice {

// Visits read without the lock, which the lane may want.
RowsInMemory::Rows MemoryStore::copy() {
  const std::lock_guard lock(mutex_);
  return rows_;
}

Result<void> MemoryStore::scan_range(std::string_view first, std::string_view end, const RowVisit& visit) {
  RowsInMemory::Rows rows = copy();
  return RowsInMemory(rows).scan_range(first, end, visit);
}

Result<void> MemoryStore::find_at_or_before(
    const std::vector<std::string>& keys,
    const std::function<void(std::size_t i, std::string_view key, std::string_view value)>& visit) {
  RowsInMemory::Rows rows = copy();
  return RowsInMemory(rows).find_at_or_before(keys, visit);
}

Result<std::vector<std::optional<std::string>>> MemoryStore::get(const std::vector<std::string>& keys) {
  const std::lock_guard lock(mutex_);
  return RowsInMemory(rows_).get(keys);
}

Result<void> MemoryStore::write(RowWrites writes) {
  const std::lock_guard lock(mutex_);
  return RowsInMemory(rows_).write(std::move(writes));
}

OrderSnapshot SellingLane::order_at(Offset created, Offset changed, v1::OrderStatus status) const {
  OrderSnapshot order{Position::at(Generation{1}, changed), {}, log_time_, 0};
  order.order.set_id(Ticket::of(partition_, Position::at(Generation{1}, created)).value);
  order.order.set_sku(sku());
  order.order.set_user("user-" + std::to_string(created));
  order.order.set_quantity(1);
  order.order.set_status(status);
  order.order.set_created_ms(log_time_);
  order.order.set_deadline_ms(log_time_);
  return order;
}

void SellingLane::sell(int orders, const std::function<void()>& meanwhile) {
  const bool gathered = keeps_up();
  if (meanwhile) meanwhile();
  ViewChanges changes;
  for (int i = 0; i < orders; ++i, ++next_) changes.orders.push_back(order_at(next_, next_, v1::HELD));
  held_ += orders;
  finish(std::move(changes), gathered);
}

void SellingLane::pay(int order) {
  const bool gathered = keeps_up();
  ViewChanges changes;
  changes.orders.push_back(order_at(order, next_++, v1::PAID));
  finish(std::move(changes), gathered);
}

void SellingLane::refund(int order, bool settled) {
  const bool gathered = keeps_up();
  ViewChanges changes;
  PaymentSnapshot payment{Position::at(Generation{1}, next_), {}};
  payment.payment.set_id("payment-" + std::to_string(order));
  payment.payment.set_order(ticket(order).value);
  payment.payment.set_end(v1::PAYMENT_REFUND_DUE);
  payment.payment.set_refund_settled(settled);
  changes.payments.push_back(payment);
  changes.orders.push_back(order_at(order, next_++, v1::REFUNDED));
  finish(std::move(changes), gathered);
}

void SellingLane::repeat(int order) {
  const bool gathered = keeps_up();
  ViewChanges changes;
  changes.aliases.push_back({ticket(static_cast<int>(next_)), ticket(order).value, log_time_});
  ++next_;
  finish(std::move(changes), gathered);
}

void SellingLane::repeat_without_alias() {
  const bool gathered = keeps_up();
  aliases_whole_from_ = ++next_;
  finish({}, gathered);
}

void SellingLane::finish(ViewChanges changes, bool gathered) {
  v1::StoredLine line;
  line.mutable_sale()->set_sku(sku());
  line.mutable_counters()->set_held(held_);
  line.set_version(Position::at(Generation{1}, next_ - 1).value);
  changes.stocks.push_back(snapshot_of(line));
  changes.next = next();
  changes.log_time = log_time_;
  changes.aliases_whole_from = Position::at(Generation{1}, aliases_whole_from_);
  changes.complete = gathered;
  v1::StoredProgress progress;
  progress.set_next_offset(next_);
  progress.set_log_time_ms(log_time_);
  progress.set_aliases_whole_from(aliases_whole_from_);
  RowWrites writes;
  writes.puts.emplace_back(kProgressRow, progress.SerializeAsString());
  writes.puts.emplace_back(line_row(sku()), line.SerializeAsString());
  ChunkWriter chunks;
  for (const OrderSnapshot& order : changes.orders) {
    if (order.order.status() == v1::HELD) {
      chunks.add(order.order.id(), order.order.SerializeAsString(), writes);
      continue;
    }
    v1::StoredOrder stored;
    *stored.mutable_order() = order.order;
    stored.set_version(order.version.value);
    stored.set_changed_ms(order.changed);
    writes.puts.emplace_back(order_row(order.order.id()), stored.SerializeAsString());
  }
  chunks.finish(writes);
  for (const AliasSnapshot& alias : changes.aliases) {
    v1::StoredAlias stored;
    stored.set_order(alias.order);
    stored.set_deadline_ms(alias.deadline);
    writes.puts.emplace_back(alias_row(alias.duplicate.value), stored.SerializeAsString());
  }
  for (const PaymentSnapshot& payment : changes.payments) {
    v1::StoredPayment stored;
    *stored.mutable_payment() = payment.payment;
    stored.set_version(payment.version.value);
    writes.puts.emplace_back(payment_row(payment.payment.id()), stored.SerializeAsString());
  }
  (void)store_.write(writes);
  if (!view_) return;
  if (!gathered) {
    changes.orders.clear();
    changes.aliases.clear();
    changes.payments.clear();
  }
  view_->publish(std::move(changes));
}

std::string difference(SellingLane& lane, RedisConnection& redis) {
  std::string found;
  const auto compare = [&](const ViewRow& row) {
    const auto hash = redis.hash(row.key);
    if (!hash) {
      found = hash.error().message;
      return false;
    }
    RedisHash wanted(row.fields.begin(), row.fields.end());
    wanted[std::string(redis_keys::kVersion)] = std::to_string(row.version.value);
    // Of the publishing, not of the row: it may be of any moment since.
    if (const auto log_time = hash->find(redis_keys::kLogTimeMs); log_time != hash->end()) {
      wanted[std::string(redis_keys::kLogTimeMs)] = log_time->second;
    }
    if (wanted != *hash) found = fmt::format("{} differs ({} fields)", row.key, hash->size());
    if (!found.empty() || row.ends == 0) return found.empty();
    const auto ends = redis.ask({"PEXPIRETIME", row.key});
    if (!ends || ends->integer != row.ends) found = row.key + " ends at another time";
    return found.empty();
  };
  (void)visit_orders(lane.store(), [&](const KeptOrder& row) {
    v1::StoredOrder order;
    return row.read(order) && compare(view_row(snapshot_of(order), kClosedOrdersKeep));
  });
  (void)lane.store().scan(kAliasRows, [&](std::string_view key, std::string_view value) {
    v1::StoredAlias alias;
    return alias.ParseFromString(std::string(value)) &&
           compare(view_row(snapshot_of(Ticket{order_of_row(key)}, alias), kClosedOrdersKeep));
  });
  (void)lane.store().scan(kPaymentRows, [&](std::string_view, std::string_view value) {
    v1::StoredPayment payment;
    const bool read = payment.ParseFromString(std::string(value));
    const auto field = view_field(snapshot_of(payment));
    const auto hash = redis.hash(field->key);
    if (!hash || !hash->contains(field->name) || hash->at(field->name) != field->value) found = field->name + " differs";
    return read && found.empty();
  });
  (void)lane.store().scan(kLineRows, [&](std::string_view, std::string_view value) {
    v1::StoredLine line;
    return line.ParseFromString(std::string(value)) && compare(view_row(snapshot_of(line), 0));
  });
  if (!found.empty()) return found;
  const auto progress = redis.hash(redis_keys::progress(lane.partition()));
  if (!progress) return progress.error().message;
  const auto promised = progress->find(redis_keys::kVersion);
  if (promised == progress->end()) return "no promise";
  return promised->second == std::to_string(lane.next().value) ? "" : "the promise is " + promised->second;
}

}  // namespace sluice
