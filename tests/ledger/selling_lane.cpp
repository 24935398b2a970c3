#include "tests/ledger/selling_lane.h"

#include <fmt/format.h>

#include "ledger/store_rows.h"
#include "ledger/view_rows.h"
#include "schemas/redis_keys.h"

namespace sluice {

Result<void> MemoryStore::scan(std::string_view prefix, const std::function<bool(std::string_view, std::string_view)>& visit) {
  std::map<std::string, std::string> rows;
  {
    const std::lock_guard lock(mutex_);
    rows = rows_;
  }
  for (auto row = rows.lower_bound(std::string(prefix)); row != rows.end() && row->first.starts_with(prefix); ++row) {
    if (!visit(row->first, row->second)) break;
  }
  return {};
}

Result<std::vector<std::optional<std::string>>> MemoryStore::get(const std::vector<std::string>& keys) {
  const std::lock_guard lock(mutex_);
  std::vector<std::optional<std::string>> values(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (const auto row = rows_.find(keys[i]); row != rows_.end()) values[i] = row->second;
  }
  return values;
}

Result<void> MemoryStore::write(RowWrites writes) {
  const std::lock_guard lock(mutex_);
  for (const auto& [key, value] : writes.puts) rows_[key] = value;
  for (const auto& key : writes.deletes) rows_.erase(key);
  return {};
}

OrderSnapshot SellingLane::order_at(Offset created, Offset changed, bool paid) const {
  OrderSnapshot order{Position::at(Generation{1}, changed), {}};
  order.order.set_id(Ticket::of(partition_, Position::at(Generation{1}, created)).value);
  order.order.set_sku(sku());
  order.order.set_user("user-" + std::to_string(created));
  order.order.set_quantity(1);
  order.order.set_status(paid ? v1::PAID : v1::HELD);
  return order;
}

void SellingLane::sell(int orders, const std::function<void()>& meanwhile) {
  const bool gathered = keeps_up();
  if (meanwhile) meanwhile();
  std::vector<OrderSnapshot> snapshots;
  for (int i = 0; i < orders; ++i, ++next_) snapshots.push_back(order_at(next_, next_, false));
  held_ += orders;
  finish({}, std::move(snapshots), gathered);
}

void SellingLane::pay(int order) {
  const bool gathered = keeps_up();
  std::vector<OrderSnapshot> snapshots = {order_at(order, next_++, true)};
  finish({}, std::move(snapshots), gathered);
}

void SellingLane::finish(ViewChanges changes, std::vector<OrderSnapshot> orders, bool gathered) {
  v1::StoredLine line;
  line.mutable_sale()->set_sku(sku());
  line.mutable_counters()->set_held(held_);
  line.set_version(Position::at(Generation{1}, next_ - 1).value);
  v1::StoredProgress progress;
  progress.set_next_offset(next_);
  RowWrites writes;
  writes.puts.emplace_back(kProgressRow, progress.SerializeAsString());
  writes.puts.emplace_back(line_row(sku()), line.SerializeAsString());
  for (const OrderSnapshot& order : orders) {
    v1::StoredOrder stored;
    *stored.mutable_order() = order.order;
    stored.set_version(order.version.value);
    writes.puts.emplace_back(order_row(order.order.id()), stored.SerializeAsString());
  }
  (void)store_.write(writes);
  if (!view_) return;
  changes.next = next();
  changes.complete = gathered;
  if (gathered) {
    changes.orders = std::move(orders);
    changes.stocks.push_back(snapshot_of(line));
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
    if (wanted != *hash) found = fmt::format("{} differs ({} fields)", row.key, hash->size());
    return found.empty();
  };
  (void)lane.store().scan(kOrderRows, [&](std::string_view, std::string_view value) {
    v1::StoredOrder order;
    return order.ParseFromString(std::string(value)) && compare(view_row(snapshot_of(order)));
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
