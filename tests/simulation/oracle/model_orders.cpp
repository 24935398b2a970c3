// The model's rules of paying, cancelling and giving back.
#include "tests/simulation/oracle/model.h"

namespace sluice::oracle {

void Model::pay(const v1::Pay& pay, Order* order, Line* line, Ruling& ruling) {
  if (const auto seen = payments_.find(pay.payment_id()); seen != payments_.end()) {
    return ruling.repeat(seen->second.ticket(), seen->second.refund_reason());
  }
  if (order == nullptr) return end_payment(pay, order, v1::UNKNOWN_ORDER, ruling);
  if (pay.amount_minor() != order->row.amount_minor() || pay.currency() != order->row.currency()) {
    return end_payment(pay, order, v1::WRONG_AMOUNT, ruling);
  }
  if (order->row.status() == v1::PAID) return end_payment(pay, order, v1::PAID_BY_ANOTHER, ruling);
  if (order->row.status() == v1::REFUNDED) return end_payment(pay, order, v1::ALREADY_CLOSED, ruling);
  const bool again = order->row.status() != v1::HELD;
  if (again) {
    const bool may =
        line->sale.sale_id() == order->row.sale_id() && line->sale.late_payment() == v1::LATE_PAYMENT_REBUY_OR_REFUND;
    const v1::Reason reason = may ? why_not(order->row.user(), order->row.quantity(), *line) : v1::PAID_TOO_LATE;
    if (reason != v1::REASON_UNSPECIFIED) return end_payment(pay, order, reason, ruling);
  }
  touch(*order, v1::PAID);
  order->row.set_payment_id(pay.payment_id());
  end_payment(pay, order, v1::REASON_UNSPECIFIED, ruling);
  ruling.change.mutable_paid()->set_bought_again(again);
}

// `refund`: why the payment is to be given back; REASON_UNSPECIFIED if it paid the order.
void Model::end_payment(const v1::Pay& pay, const Order* order, v1::Reason refund, Ruling& ruling) {
  v1::Payment& payment = payments_[pay.payment_id()];
  payment.set_id(pay.payment_id());
  payment.set_order(order != nullptr ? order->row.id() : pay.order());
  payment.set_amount_minor(pay.amount_minor());
  payment.set_currency(pay.currency());
  payment.set_end(refund == v1::REASON_UNSPECIFIED ? v1::PAYMENT_PAID : v1::PAYMENT_REFUND_DUE);
  payment.set_refund_reason(refund);
  payment.set_ticket(ticket_);
  touched_payment_ = pay.payment_id();
  ruling.accept();
  if (refund != v1::REASON_UNSPECIFIED) ruling.change.mutable_refund_due()->set_reason(refund);
}

void Model::cancel(const v1::Cancel& cancel, Order* order, Ruling& ruling) {
  if (order == nullptr) return ruling.refuse(v1::UNKNOWN_ORDER);
  if (order->row.user() != cancel.user()) return ruling.refuse(v1::NOT_YOURS);
  if (order->row.status() == v1::PAID) return ruling.refuse(v1::ALREADY_PAID);
  if (order->row.status() == v1::CANCELLED) return ruling.repeat(order->row.id());
  if (order->row.status() != v1::HELD) return ruling.refuse(v1::ALREADY_CLOSED);
  touch(*order, v1::CANCELLED);
  ruling.accept().mutable_cancelled();
}

void Model::refund(const v1::Refund& refund, Order* order, Ruling& ruling) {
  const std::string content = "refund/" + std::to_string(refund.order()) + (refund.restock() ? "/restock" : "/withdraw");
  if (repeats_act("key/" + refund.request_key(), content, ruling)) return;
  if (order == nullptr) return ruling.refuse(v1::UNKNOWN_ORDER);
  if (order->row.status() == v1::HELD) return ruling.refuse(v1::NOT_PAID);
  if (order->row.status() != v1::PAID) return ruling.refuse(v1::ALREADY_CLOSED);
  touch(*order, v1::REFUNDED);
  order->restocked = refund.restock();
  v1::Payment& payment = payments_.at(order->row.payment_id());
  payment.set_end(v1::PAYMENT_REFUND_DUE);
  payment.set_refund_reason(v1::REFUND_REQUESTED);
  touched_payment_ = payment.id();
  ruling.accept().mutable_refunded()->set_restocked(refund.restock());
}

void Model::settle(const v1::RefundSettled& settled, Ruling& ruling) {
  const auto found = payments_.find(settled.payment_id());
  if (found == payments_.end()) return ruling.refuse(v1::UNKNOWN_PAYMENT);
  v1::Payment& payment = found->second;
  if (payment.end() != v1::PAYMENT_REFUND_DUE) return ruling.refuse(v1::NO_REFUND_DUE);
  if (payment.refund_settled()) return ruling.repeat(payment.ticket());
  payment.set_refund_settled(true);
  touched_payment_ = payment.id();
  ruling.accept().mutable_refund_settled();
}

}  // namespace sluice::oracle
