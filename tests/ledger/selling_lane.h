// Shell: what a lane does to its store and its view, with made-up orders; and whether a Redis shows what such a lane has
// stored.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "ledger/ledger_store.h"
#include "ledger/redis_view.h"
#include "ledger/state_view.h"
#include "redis/connection.h"
#include "runtime/clock.h"
#include "tests/ledger/rows_in_memory.h"

namespace sluice {

class MemoryStore : public LedgerStore {
 public:
  Result<void> scan_range(std::string_view first, std::string_view end, const RowVisit& visit) override;
  Result<void> find_at_or_before(
      const std::vector<std::string>& keys,
      const std::function<void(std::size_t i, std::string_view key, std::string_view value)>& visit) override;
  Result<std::vector<std::optional<std::string>>> get(const std::vector<std::string>& keys) override;
  Result<void> write(RowWrites writes) override;

 private:
  RowsInMemory::Rows copy();

  std::mutex mutex_;
  RowsInMemory::Rows rows_;
};

class SellingLane {
 public:
  explicit SellingLane(Partition partition) : partition_(partition) {}

  // `trusts`: it has seen that the log has what its store says.
  void attach(RedisView& view, bool trusts = true) {
    view_ = view.attach(partition_, store_);
    if (trusts) trust_store();
  }
  void trust_store() { view_->trust_store(); }
  void detach() { view_.reset(); }
  bool keeps_up() const { return view_ && view_->keeps_up(); }

  // One batch that sells `orders` more units, each to an order of its own. In the lane's order: ask whether the view keeps up,
  // decide (here: `meanwhile`), store, publish.
  void sell(int orders, const std::function<void()>& meanwhile = {});
  // One batch that changes an order that is there.
  void pay(int order);
  // ... which is closed, and its payment is to go back, or has gone.
  void refund(int order, bool settled = false);
  // One batch with a purchase that repeats an order's.
  void repeat(int order);
  // The same where the order has as many aliases as are kept.
  void repeat_without_alias();
  // Of what follows, as long as it is not set again.
  void set_log_time(UnixMillis log_time) { log_time_ = log_time; }
  UnixMillis log_time() const { return log_time_; }

  Partition partition() const { return partition_; }
  Position next() const { return Position::at(Generation{1}, next_); }
  MemoryStore& store() { return store_; }
  Ticket ticket(int order) const { return Ticket::of(partition_, Position::at(Generation{1}, order)); }
  std::string sku() const { return "sku-" + std::to_string(partition_.value); }

 private:
  void finish(ViewChanges changes, bool gathered);
  OrderSnapshot order_at(Offset created, Offset changed, v1::OrderStatus status) const;

  const Partition partition_;
  MemoryStore store_;
  std::unique_ptr<StateView> view_;
  Offset aliases_whole_from_ = 0;
  Offset next_ = 0;
  std::int64_t held_ = 0;
  UnixMillis log_time_ = unix_millis();
};

// As the view has it by default.
inline constexpr UnixMillis kClosedOrdersKeep = UnixMillis{7} * 24 * 3600 * 1000;

// What differs between the lane's store and Redis: nothing when every row is there as stored and the promise reaches to its
// end.
std::string difference(SellingLane& lane, RedisConnection& redis);

}  // namespace sluice
