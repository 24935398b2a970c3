#include "tests/simulation/simulated_view.h"

#include <fmt/format.h>
#include <google/protobuf/util/message_differencer.h>

#include <utility>

#include "ledger/store_rows.h"

namespace sluice::simulation {
namespace {

using google::protobuf::util::MessageDifferencer;

constexpr int kEmptiedPerJudgement = 4;  // which costs a scan

bool same(const StockSnapshot& a, const StockSnapshot& b) {
  return a.opened_slots == b.opened_slots && a.frozen == b.frozen && MessageDifferencer::Equals(a.sale, b.sale) &&
         MessageDifferencer::Equals(a.counters, b.counters);
}

bool same(const OrderSnapshot& a, const OrderSnapshot& b) {
  return MessageDifferencer::Equals(a.order, b.order) && a.changed == b.changed;
}

bool same(const PaymentSnapshot& a, const PaymentSnapshot& b) { return MessageDifferencer::Equals(a.payment, b.payment); }

// True: `offered` is to be written.
template <typename Key, typename Snapshot>
bool wins(const std::map<Key, Snapshot>& rows, const Key& key, const Snapshot& offered, bool older_ones_too) {
  const auto present = rows.find(key);
  if (present == rows.end()) return true;
  if (present->second.version == offered.version && !same(present->second, offered)) {
    throw Violation(fmt::format("I6: two copies of one position differ in the view, at intent {}", offered.version.offset()));
  }
  return older_ones_too || present->second.version < offered.version;
}

template <typename Message>
Message parsed(const std::string& bytes) {
  Message message;
  if (!message.ParseFromString(bytes)) throw Violation("a row of the store cannot be parsed");
  return message;
}

}  // namespace

void SharedView::write(const StockSnapshot& stock) {
  if (!wins(stocks, stock.sale.sku(), stock, lets_older_rows_win)) return;
  stocks[stock.sale.sku()] = stock;
  stocks_taken.push_back({stock, losses});
}

void SharedView::write(const OrderSnapshot& order) {
  const std::uint64_t id = order.order.id();
  if (!wins(orders, id, order, lets_older_rows_win)) return;
  orders[id] = order;
  orders_taken.push_back({order, losses});
}

void SharedView::write(const PaymentSnapshot& payment) {
  if (wins(payments, payment.payment.id(), payment, lets_older_rows_win)) payments[payment.payment.id()] = payment;
}

void SharedView::lose() {
  stocks.clear();
  orders.clear();
  aliases.clear();
  payments.clear();
  ++losses;
}

bool SimulatedView::keeps_up() const {
  return calls_.make(Step::kViewAsked, [this] { return follows_; });
}

void SimulatedView::publish(ViewChanges changes) {
  calls_.make(redoing_() ? Step::kRedoPublish : Step::kPublish, [&] {
    published_ = changes.next;
    if (!follows_) return;
    if (!changes.complete) return overflow();
    backlog_.push_back(std::move(changes));
  });
}

bool SimulatedView::work() {
  if (losses_ != shared_.losses) overflow();
  losses_ = shared_.losses;
  if (!follows_) {
    catch_up();
    return true;
  }
  if (backlog_.empty()) return false;
  for (const StockSnapshot& stock : backlog_.front().stocks) shared_.write(stock);
  for (const OrderSnapshot& order : backlog_.front().orders) shared_.write(order);
  for (const AliasSnapshot& alias : backlog_.front().aliases) shared_.write(alias);
  for (const PaymentSnapshot& payment : backlog_.front().payments) shared_.write(payment);
  backlog_.pop_front();
  if (backlog_.empty() && ++emptied_ % kEmptiedPerJudgement == 0) judge_completeness();
  return true;
}

// With everything written that was handed on, the view lacks nothing that the store has.
void SimulatedView::judge_completeness() const {
  const auto progress = disk_.rows.find(std::string(kProgressRow));
  if (progress == disk_.rows.end() || !published_) return;
  if (parsed<v1::StoredProgress>(progress->second).next_offset() != published_->offset()) return;
  for (auto row = disk_.rows.lower_bound(std::string(kOrderRows)); row != disk_.rows.end(); ++row) {
    if (!row->first.starts_with(kOrderRows)) break;
    const auto shown = shared_.orders.find(order_of_row(row->first));
    if (shown != shared_.orders.end() && shown->second.version.value >= parsed<v1::StoredOrder>(row->second).version())
      continue;
    throw Violation(fmt::format("I7: the view follows, but lacks what the store has of order {}", order_of_row(row->first)));
  }
}

void SimulatedView::overflow() {
  follows_ = false;
  backlog_.clear();
}

void SimulatedView::catch_up() {
  for (const auto& [key, value] : disk_.rows) {
    if (key.starts_with(kLineRows)) {
      const SaleStock stock = sale_stock(parsed<v1::StoredLine>(value));
      shared_.write(StockSnapshot{stock.version, stock.sale, stock.counters, stock.opened_slots, stock.frozen});
    } else if (key.starts_with(kOrderRows)) {
      const auto stored = parsed<v1::StoredOrder>(value);
      shared_.write(OrderSnapshot{{stored.version()}, stored.order(), stored.changed_ms(), 0});
    } else if (key.starts_with(kAliasRows)) {
      shared_.write(AliasSnapshot{{order_of_row(key)}, parsed<v1::StoredAlias>(value).order(), 0});
    } else if (key.starts_with(kPaymentRows)) {
      const auto stored = parsed<v1::StoredPayment>(value);
      shared_.write(PaymentSnapshot{{stored.version()}, stored.payment()});
    }
  }
  follows_ = true;
}

}  // namespace sluice::simulation
