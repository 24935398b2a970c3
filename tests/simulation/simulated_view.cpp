#include "tests/simulation/simulated_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <utility>

#include "ledger/store_rows.h"
#include "tests/ledger/orders_apart.h"

namespace sluice::simulation {
namespace {

constexpr int kEmptiedPerJudgement = 4;  // which costs a scan

bool same(const google::protobuf::Message& a, const google::protobuf::Message& b) {
  static std::string room_a, room_b;  // reused
  a.SerializeToString(&room_a);
  b.SerializeToString(&room_b);
  return room_a == room_b;
}

bool same(const StockSnapshot& a, const StockSnapshot& b) {
  return a.opened_slots == b.opened_slots && a.frozen == b.frozen && same(a.sale, b.sale) && same(a.counters, b.counters);
}

bool same(const OrderSnapshot& a, const OrderSnapshot& b) { return same(a.order, b.order) && a.changed == b.changed; }

bool same(const PaymentSnapshot& a, const PaymentSnapshot& b) { return same(a.payment, b.payment); }

// True: `offered` is to be written.
template <typename Snapshot>
bool wins(const Snapshot& shown, const Snapshot& offered, bool older_ones_too) {
  if (shown.version == Position()) return true;
  if (shown.version == offered.version && !same(shown, offered)) {
    throw Violation(fmt::format("I6: two copies of one position differ in the view, at intent {}", offered.version.offset()));
  }
  return older_ones_too || shown.version < offered.version;
}

template <typename Message>
Message parsed(const std::string& bytes) {
  Message message;
  if (!message.ParseFromString(bytes)) throw Violation("a row of the store cannot be parsed");
  return message;
}

}  // namespace

void SharedView::write(const StockSnapshot& stock) {
  StockSnapshot& shown = stocks[stock.sale.sku()];
  if (!wins(shown, stock, lets_older_rows_win)) return;
  if (witness_ != nullptr) judge(stock);
  if (stock.version < shown.version) throw Violation("I7: the view went back to an older state of " + stock.sale.sku());
  shown = stock;
}

void SharedView::write(const OrderSnapshot& order) {
  OrderSnapshot& shown = orders[order.order.id()];
  if (!wins(shown, order, lets_older_rows_win)) return;
  if (witness_ != nullptr) judge(order);
  if (order.version < shown.version) {
    throw Violation(fmt::format("I7: the view went back to an older state of order {}", order.order.id()));
  }
  shown = order;
}

void SharedView::write(const PaymentSnapshot& payment) {
  PaymentSnapshot& shown = payments[payment.payment.id()];
  if (!wins(shown, payment, lets_older_rows_win)) return;
  if (payment.version < shown.version) throw Violation("I7: the view went back to an older state of a payment");
  shown = payment;
}

// Whatever the view shows was so at that version.
void SharedView::judge(const OrderSnapshot& order) const {
  witness_->look();
  const v1::Order* was = witness_->judge().model().order_at(order.order.id(), order.version.value);
  if (was != nullptr && witness_->judge().is_same(order.order, *was)) return;
  throw Violation("I7: the view showed an order that never was: " + order.order.ShortDebugString());
}

void SharedView::judge(const StockSnapshot& stock) const {
  witness_->look();
  const oracle::Line* was = witness_->judge().model().line_at(stock.sale.sku(), stock.version.value);
  if (was != nullptr && was->opened == stock.opened_slots && was->frozen == stock.frozen && same(was->sale, stock.sale) &&
      same(was->counters, stock.counters)) {
    return;
  }
  throw Violation("I7: the view showed a stock that never was: " + stock.counters.ShortDebugString());
}

void SharedView::write(const ViewChanges& changes) {
  for (const StockSnapshot& stock : changes.stocks) write(stock);
  for (const OrderSnapshot& order : changes.orders) write(order);
  for (const AliasSnapshot& alias : changes.aliases) write(alias);
  for (const PaymentSnapshot& payment : changes.payments) write(payment);
}

void SharedView::lose() {
  complete_to = aliases_whole_from = {};
  stocks.clear();
  orders.clear();
  aliases.clear();
  payments.clear();
  ++losses;
}

SimulatedView::~SimulatedView() {
  if (backlog_.empty() || broker_.calm || std::uncaught_exceptions() == 0 || !broker_.dice.chance(0.5)) return;
  broker_.in_flight.push_back([&shared = shared_, &broker = broker_, changes = std::move(backlog_.front())] {
    ++broker.happenings[Happening::kViewWrittenLate];
    shared.write(changes);
  });
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
  if (!trusts_) return false;
  if (!follows_) {
    catch_up();
    return true;
  }
  if (backlog_.empty()) return false;
  // The promise comes after the rows that it speaks of.
  shared_.write(backlog_.front());
  shared_.complete_to = std::max(shared_.complete_to, backlog_.front().next);
  shared_.aliases_whole_from = std::max(shared_.aliases_whole_from, backlog_.front().aliases_whole_from);
  backlog_.pop_front();
  if (backlog_.empty() && ++emptied_ % kEmptiedPerJudgement == 0) judge_completeness();
  return true;
}

// With everything written that was handed on, the view lacks nothing that the store has.
void SimulatedView::judge_completeness() {
  const Rows* rows = store_.settled_rows();
  if (rows == nullptr || !published_) return;
  const auto progress = rows->find(std::string(kProgressRow));
  if (progress == rows->end()) return;
  if (parsed<v1::StoredProgress>(progress->second).next_offset() != published_->offset()) return;
  const Rows apart = with_orders_apart(*rows);
  for (auto row = apart.lower_bound(std::string(kOrderRows)); row != apart.end(); ++row) {
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
  const Rows* rows = store_.settled_rows();
  if (rows == nullptr) return;
  for (const auto& [key, value] : with_orders_apart(*rows)) {
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
  const auto progress = rows->find(std::string(kProgressRow));
  if (progress == rows->end()) return;
  const auto next = parsed<v1::StoredProgress>(progress->second).next_offset();
  const Position to = Position::at(broker_.generation, next);
  shared_.complete_to = std::max(shared_.complete_to, to);
  shared_.aliases_whole_from = std::max(shared_.aliases_whole_from, to);  // the store does not say more
}

}  // namespace sluice::simulation
