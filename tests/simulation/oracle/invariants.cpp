#include "tests/simulation/oracle/invariants.h"

#include <fmt/format.h>

namespace sluice::oracle {

std::string Invariants::broken_by(const v1::OrderRecord& record) {
  const auto first = static_cast<Offset>(record.first_offset());
  if (first != next_) return fmt::format("I5: a record begins at intent {} where {} is expected", first, next_);
  next_ = static_cast<Offset>(record.last_offset()) + 1;
  std::string problem;
  if (record.has_change()) {
    problem = broken_by_change(record.change());
  } else {
    for (const v1::Verdict& verdict : record.unchanged().verdicts()) {
      if (problem.empty()) problem = check_finality(verdict);
    }
  }
  return problem.empty() ? problem : fmt::format("{} (intents {}..{})", problem, first, next_ - 1);
}

std::string Invariants::broken_by_change(const v1::Change& change) {
  if (std::string problem = check_finality(change.verdict()); !problem.empty()) return problem;
  if (std::string problem = check_payments(change); !problem.empty()) return problem;
  if (change.sku().empty()) {
    return change.orders().empty() && change.slots_opened().empty() ? "" : "I2: stock changed without its counters";
  }
  if (change.has_sale_defined() && change.sale_defined().sale().sale_id() != sales_[change.sku()].terms.sale_id()) {
    for (const auto& [id, order] : sales_[change.sku()].orders) accepted_.erase({order.key_high(), order.key_low()});
    sales_[change.sku()] = Sale();
  }
  Sale& sale = sales_[change.sku()];
  if (std::string problem = take_events(change, sale); !problem.empty()) return problem;
  if (std::string problem = check_piles(change.counters(), sale); !problem.empty()) return problem;
  return check_limit(change, sale);
}

std::string Invariants::take_events(const v1::Change& change, Sale& sale) {
  if (change.has_sale_defined()) sale.terms = change.sale_defined().sale();
  for (const v1::SlotOpened& slot : change.slots_opened()) sale.opened += slot.quantity();
  const std::int64_t delta = change.stock_adjusted().delta();
  (delta > 0 ? sale.opened : sale.taken_out) += delta > 0 ? delta : -delta;
  for (const v1::Order& order : change.orders()) {
    const auto before = sale.orders.find(order.id());
    const bool paid_before = before != sale.orders.end() && before->second.status() == v1::PAID;
    if (paid_before && (order.status() == v1::RELEASED || order.status() == v1::CANCELLED)) {
      return fmt::format("I8: order {} was paid and then released", order.id());
    }
    if (order.sale_id() != sale.terms.sale_id()) continue;
    if (change.has_refunded() && !change.refunded().restocked()) sale.taken_out += order.quantity();
    sale.orders[order.id()] = order;
    if (!change.has_reserved()) continue;
    if (!accepted_.try_emplace({order.key_high(), order.key_low()}, order.id()).second) {
      return fmt::format("I4: the request of order {} had become another order before", order.id());
    }
  }
  return {};
}

std::string Invariants::check_piles(const v1::Counters& piles, const Sale& sale) const {
  std::int64_t held = 0, sold = 0;
  for (const auto& [id, order] : sale.orders) {
    if (order.status() == v1::HELD) held += order.quantity();
    if (order.status() == v1::PAID) sold += order.quantity();
  }
  if (held + sold > sale.opened - sale.taken_out) {
    return fmt::format("I1: {} held and {} sold of {} that could be", held, sold, sale.opened - sale.taken_out);
  }
  if (piles.held() != held || piles.sold() != sold || piles.withdrawn() != sale.taken_out) {
    return "I2: the counters are not what the events add up to: " + piles.ShortDebugString();
  }
  if (piles.unopened() < 0 || piles.available() < 0 || held < 0 || sold < 0 || piles.withdrawn() < 0) {
    return "I1: a pile is negative: " + piles.ShortDebugString();
  }
  const std::int64_t all = piles.unopened() + piles.available() + piles.held() + piles.sold() + piles.withdrawn();
  if (piles.defined() != all) return "I2: units appeared or went away: " + piles.ShortDebugString();
  if (piles.available() != sale.opened - sale.taken_out - held - sold) {
    return "I2: not everything that has opened is accounted for: " + piles.ShortDebugString();
  }
  return {};
}

// An amendment may lower the limit below what somebody has; then he gets nothing more.
std::string Invariants::check_limit(const v1::Change& change, const Sale& sale) const {
  if (!change.has_reserved() && !change.paid().bought_again()) return {};
  const std::string& user = change.orders(0).user();
  std::int64_t units = 0;
  for (const auto& [id, order] : sale.orders) {
    if (order.user() == user && (order.status() == v1::HELD || order.status() == v1::PAID)) units += order.quantity();
  }
  if (units <= sale.terms.limit_per_user()) return {};
  return fmt::format("I9: {} has {} units, the limit is {}", user, units, sale.terms.limit_per_user());
}

std::string Invariants::check_payments(const v1::Change& change) {
  for (const v1::Payment& payment : change.payments()) {
    const bool known = payments_.contains(payment.id());
    const bool ends_now = change.has_paid() || change.has_refund_due();
    if (known && ends_now) return fmt::format("I8: payment {} ended twice", payment.id());
    if (!known && !ends_now) return fmt::format("I8: payment {} was never taken", payment.id());
    // What has paid can be asked back once; what goes back can only go on to be settled.
    const v1::PaymentEnd before = known ? payments_[payment.id()] : v1::PAYMENT_END_UNSPECIFIED;
    const bool asked_back = change.has_refunded() && before == v1::PAYMENT_PAID && payment.end() == v1::PAYMENT_REFUND_DUE;
    const bool settled = change.has_refund_settled() && before == v1::PAYMENT_REFUND_DUE && payment.end() == before;
    if (known && !asked_back && !settled) return fmt::format("I8: payment {} has another end now", payment.id());
    const bool paid_for = change.has_paid() == (payment.end() == v1::PAYMENT_PAID);
    if (!paid_for) return fmt::format("I8: payment {} does not end as what happened", payment.id());
    payments_[payment.id()] = payment.end();
  }
  return {};
}

// Once accepted, a request is repeated as that order or refused as another use of its key; nothing else.
std::string Invariants::check_finality(const v1::Verdict& verdict) const {
  if (verdict.admin() || verdict.reason() == v1::KEY_REUSED) return {};
  const auto first = accepted_.find({verdict.key_high(), verdict.key_low()});
  if (first == accepted_.end()) return {};
  if (verdict.outcome() == v1::DUPLICATE && verdict.duplicate_of() == first->second) return {};
  return fmt::format("I4: a repetition of order {} got another verdict: {}", first->second, verdict.ShortDebugString());
}

}  // namespace sluice::oracle
