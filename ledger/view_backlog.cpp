#include "ledger/view_backlog.h"

#include <utility>

namespace sluice {

ViewBacklog::State ViewBacklog::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

bool ViewBacklog::publish(ViewChanges changes) {
  const std::lock_guard lock(mutex_);
  for (auto& stock : changes.stocks) {
    std::string sku = stock.sale.sku();
    stocks_.insert_or_assign(std::move(sku), std::move(stock));
  }
  log_time_ = changes.log_time;
  if (state_ != State::kFollows) return !stocks_.empty();
  if (!changes.complete) {
    empty_as(State::kMissed);
    return true;
  }
  for (auto& order : changes.orders) {
    const std::uint64_t ticket = order.order.id();
    rows_.orders.insert_or_assign(ticket, std::move(order));
  }
  for (const auto& alias : changes.aliases) rows_.aliases.insert_or_assign(alias.duplicate.value, alias);
  for (auto& payment : changes.payments) {
    std::string id = payment.payment.id();
    rows_.payments.insert_or_assign(std::move(id), std::move(payment));
  }
  next_ = changes.next;
  aliases_whole_from_ = changes.aliases_whole_from;
  filled_ = true;
  if (rows_.orders.size() + rows_.aliases.size() + rows_.payments.size() > rows_max_) empty_as(State::kOverflowed);
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

ViewChanges ViewBacklog::take_stocks() {
  ViewChanges changes;
  const std::lock_guard lock(mutex_);
  changes.stocks.reserve(stocks_.size());
  for (auto& [sku, stock] : stocks_) changes.stocks.push_back(std::move(stock));
  stocks_.clear();
  changes.log_time = log_time_;
  return changes;
}

std::optional<ViewChanges> ViewBacklog::take() {
  Rows rows;
  Stocks stocks;
  ViewChanges changes;
  {
    const std::lock_guard lock(mutex_);
    if (!filled_) return std::nullopt;
    std::swap(rows, rows_);
    std::swap(stocks, stocks_);
    changes.next = next_;
    changes.log_time = log_time_;
    changes.aliases_whole_from = aliases_whole_from_;
    filled_ = false;
  }
  // Outside the lock, which the lane may be waiting for.
  const auto hand_over = [](auto& from, auto& to) {
    to.reserve(from.size());
    for (auto& [key, snapshot] : from) to.push_back(std::move(snapshot));
  };
  hand_over(stocks, changes.stocks);
  hand_over(rows.orders, changes.orders);
  hand_over(rows.aliases, changes.aliases);
  hand_over(rows.payments, changes.payments);
  return changes;
}

void ViewBacklog::empty_as(State state) {
  state_ = state;
  rows_ = Rows();
  filled_ = false;
}

}  // namespace sluice
