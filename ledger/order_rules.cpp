#include "ledger/order_rules.h"

#include <algorithm>

#include "ledger/keyed_rules.h"
#include "ledger/purchase_rules.h"
#include "runtime/check.h"

namespace sluice {
namespace {

// Records the end of a payment in the change. Every verified payment passes here exactly once (invariant I8).
void end_payment(const v1::Pay& pay, const v1::Order* order, const Moment& moment, v1::PaymentEnd end, v1::Reason reason,
                 v1::Change& change) {
  v1::Payment& payment = *change.add_payments();
  payment.set_id(pay.payment_id());
  payment.set_order(order != nullptr ? order->id() : pay.order());
  payment.set_amount_minor(pay.amount_minor());
  payment.set_currency(pay.currency());
  payment.set_end(end);
  payment.set_refund_reason(reason);
  payment.set_ticket(moment.ticket.value);
}

void give_back(const StockLine* line, const v1::Order* order, const Moment& moment, const v1::Pay& pay, v1::Reason reason,
               Ruling& ruling) {
  v1::Change& change = line != nullptr ? ruling.accept_on(line->stock) : ruling.accept();
  change.mutable_refund_due()->set_reason(reason);
  end_payment(pay, order, moment, v1::PAYMENT_REFUND_DUE, reason, change);
}

void take(const StockLine& line, const v1::Order& order, const Moment& moment, const v1::Pay& pay, Pile from, Ruling& ruling) {
  v1::Change& change = ruling.accept_on(line.stock);
  move_units(*change.mutable_counters(), from, Pile::kSold, order.quantity());
  change.mutable_paid()->set_bought_again(from == Pile::kAvailable);
  v1::Order& paid = *change.add_orders();
  paid = order;
  paid.set_status(v1::PAID);
  paid.set_payment_id(pay.payment_id());
  end_payment(pay, &order, moment, v1::PAYMENT_PAID, v1::REASON_UNSPECIFIED, change);
}

// Why a payment for an order that was cancelled or released cannot bring it back.
v1::Reason late_refusal(const StockLine& line, const v1::Order& order, UnixMillis log_time) {
  const bool same_sale = line.stock.sale.sale_id() == order.sale_id();
  if (!same_sale || line.stock.sale.late_payment() != v1::LATE_PAYMENT_REBUY_OR_REFUND) return v1::PAID_TOO_LATE;
  return refusal_of(line, user_fingerprint(order.user()), order.quantity(), log_time);
}

// The one change of status of an order that takes its units from held to somewhere else, unpaid.
void unhold(const v1::Order& order, v1::OrderStatus status, v1::Change& change) {
  move_units(*change.mutable_counters(), Pile::kHeld, Pile::kAvailable, order.quantity());
  v1::Order& closed = *change.add_orders();
  closed = order;
  closed.set_status(status);
}

}  // namespace

OrderLookup find_order(const LedgerState& state, const WorkingSet& rows, std::uint64_t id) {
  if (const auto alias = rows.aliases.find(id); alias != rows.aliases.end() && alias->second.has_value()) id = *alias->second;
  if (std::optional<v1::Order> held = state.held_order(id)) return {.fetched = true, .order = std::move(held)};
  const auto closed = rows.closed_orders.find(id);
  if (closed == rows.closed_orders.end()) return {.fetched = false, .order = std::nullopt};
  return {.fetched = true, .order = closed->second};
}

void rule_pay(const WorkingSet& rows, const StockLine* line, const v1::Order* order, const Moment& moment, const v1::Pay& pay,
              Ruling& ruling) {
  const std::optional<v1::Payment>& seen = rows.payments.at(pay.payment_id());
  if (seen.has_value()) return ruling.duplicate(seen->ticket(), seen->refund_reason());

  const auto refuse = [&](v1::Reason reason) { give_back(line, order, moment, pay, reason, ruling); };
  if (order == nullptr) return refuse(v1::UNKNOWN_ORDER);
  if (order->amount_minor() != pay.amount_minor() || order->currency() != pay.currency()) return refuse(v1::WRONG_AMOUNT);
  switch (order->status()) {
    case v1::HELD:
      return take(*line, *order, moment, pay, Pile::kHeld, ruling);
    case v1::PAID:
      return refuse(v1::PAID_BY_ANOTHER);
    case v1::CANCELLED:
    case v1::RELEASED: {
      const v1::Reason reason = late_refusal(*line, *order, moment.log_time);
      if (reason != v1::REASON_UNSPECIFIED) return refuse(reason);
      return take(*line, *order, moment, pay, Pile::kAvailable, ruling);
    }
    default:
      return refuse(v1::ALREADY_CLOSED);
  }
}

void rule_cancel(const StockLine* line, const v1::Order* order, const v1::Cancel& cancel, Ruling& ruling) {
  if (order == nullptr) return ruling.refuse(v1::UNKNOWN_ORDER);
  if (order->user() != cancel.user()) return ruling.refuse(v1::NOT_YOURS);
  switch (order->status()) {
    case v1::HELD: {
      v1::Change& change = ruling.accept_on(line->stock);
      change.mutable_cancelled();
      return unhold(*order, v1::CANCELLED, change);
    }
    case v1::PAID:
      return ruling.refuse(v1::ALREADY_PAID);
    case v1::CANCELLED:
      return ruling.duplicate(order->id());
    default:
      return ruling.refuse(v1::ALREADY_CLOSED);
  }
}

void rule_refund(const LedgerState& state, const WorkingSet& rows, const StockLine* line, const v1::Order* order,
                 const v1::Refund& refund, Ruling& ruling) {
  if (rule_admin_repetition(state, refund, ruling)) return;
  if (order == nullptr) return ruling.refuse(v1::UNKNOWN_ORDER);
  if (order->status() != v1::PAID) return ruling.refuse(order->status() == v1::HELD ? v1::NOT_PAID : v1::ALREADY_CLOSED);
  const std::optional<v1::Payment>& payment = rows.payments.at(order->payment_id());
  CHECK(payment.has_value());  // a paid order's payment was recorded with it

  v1::Change& change = ruling.accept_on(line->stock);
  if (order->sale_id() == line->stock.sale.sale_id()) {
    move_units(*change.mutable_counters(), Pile::kSold, refund.restock() ? Pile::kAvailable : Pile::kWithdrawn,
               order->quantity());
  }
  change.mutable_refunded()->set_restocked(refund.restock());
  v1::Order& refunded = *change.add_orders();
  refunded = *order;
  refunded.set_status(v1::REFUNDED);
  v1::Payment& due = *change.add_payments();
  due = *payment;
  due.set_end(v1::PAYMENT_REFUND_DUE);
  due.set_refund_reason(v1::REFUND_REQUESTED);
}

void rule_refund_settled(const WorkingSet& rows, const v1::RefundSettled& settled, Ruling& ruling) {
  const std::optional<v1::Payment>& payment = rows.payments.at(settled.payment_id());
  if (!payment.has_value()) return ruling.refuse(v1::UNKNOWN_PAYMENT);
  if (payment->end() != v1::PAYMENT_REFUND_DUE) return ruling.refuse(v1::NO_REFUND_DUE);
  if (payment->refund_settled()) return ruling.duplicate(payment->ticket());
  v1::Change& change = ruling.accept();
  change.mutable_refund_settled();
  v1::Payment& after = *change.add_payments();
  after = *payment;
  after.set_refund_settled(true);
}

void rule_due(const LedgerState& state, const StockLine* line, const Moment& moment, const v1::Due& due, Ruling& ruling) {
  if (line == nullptr) return ruling.refuse(v1::UNKNOWN_SKU);
  const UnixMillis through = std::min<UnixMillis>(due.through_ms(), moment.log_time);
  const std::vector<Reservation> released = state.accepted.due(line->number, through, due.limit());
  if (released.empty()) return ruling.refuse(v1::NOTHING_DUE);
  v1::Change& change = ruling.accept_on(line->stock);
  change.mutable_released();
  v1::Order order;
  for (const Reservation& reservation : released) {
    order.Clear();
    to_order(reservation, line->stock.sale, order);
    unhold(order, v1::RELEASED, change);
  }
}

}  // namespace sluice
