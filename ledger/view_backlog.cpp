#include "ledger/view_backlog.h"

#include <utility>

namespace sluice {

ViewBacklog::State ViewBacklog::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

bool ViewBacklog::publish(ViewChanges changes) {
  const std::lock_guard lock(mutex_);
  if (state_ != State::kFollows) return false;
  if (!changes.complete) {
    empty_as(State::kMissed);
    return true;
  }
  for (auto& stock : changes.stocks) {
    std::string sku = stock.sale.sku();
    stocks_.insert_or_assign(std::move(sku), std::move(stock));
  }
  for (auto& order : changes.orders) {
    const std::uint64_t ticket = order.order.id();
    orders_.insert_or_assign(ticket, std::move(order));
  }
  next_ = changes.next;
  log_time_ = changes.log_time;
  filled_ = true;
  if (orders_.size() > orders_max_) empty_as(State::kOverflowed);
  return true;
}

void ViewBacklog::follow() {
  const std::lock_guard lock(mutex_);
  empty_as(State::kFollows);
}

void ViewBacklog::stop_following() {
  const std::lock_guard lock(mutex_);
  empty_as(State::kIdle);
}

std::optional<ViewChanges> ViewBacklog::take() {
  absl::flat_hash_map<std::string, StockSnapshot> stocks;
  absl::flat_hash_map<std::uint64_t, OrderSnapshot> orders;
  ViewChanges changes;
  {
    const std::lock_guard lock(mutex_);
    if (!filled_) return std::nullopt;
    stocks.swap(stocks_);
    orders.swap(orders_);
    changes.next = next_;
    changes.log_time = log_time_;
    filled_ = false;
  }
  // Outside the lock, which the lane may be waiting for.
  changes.stocks.reserve(stocks.size());
  for (auto& [sku, stock] : stocks) changes.stocks.push_back(std::move(stock));
  changes.orders.reserve(orders.size());
  for (auto& [ticket, order] : orders) changes.orders.push_back(std::move(order));
  return changes;
}

void ViewBacklog::empty_as(State state) {
  state_ = state;
  stocks_.clear();
  orders_.clear();
  filled_ = false;
}

}  // namespace sluice
