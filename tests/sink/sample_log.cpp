#include "tests/sink/sample_log.h"

#include <utility>

namespace sluice {
namespace {

constexpr int kUnitsOfOrder = 2;
constexpr int kUnitsOfSlot = 100;

}  // namespace

void SampleLog::define(const std::string& sku, int slots, UnixMillis slot_ms, const std::string& sale, std::uint32_t version) {
  v1::DefineSale definition;
  definition.set_sku(sku);
  definition.set_sale_id(sale);
  definition.set_version(version);
  definition.set_title("Box of 'ten'");
  definition.set_price_minor(999);
  definition.set_currency("EUR");
  definition.set_limit_per_user(kUnitsOfOrder);
  definition.set_hold_seconds(60);
  definition.set_late_payment(version % 2 == 0 ? v1::LATE_PAYMENT_REBUY_OR_REFUND : v1::LATE_PAYMENT_REFUND);
  for (UnixMillis opens = kBegin + next_; slots > 0; --slots, opens += 2 * slot_ms) {
    v1::Slot& slot = *definition.add_slots();
    slot.set_opens_ms(opens);
    slot.set_closes_ms(opens + slot_ms);
    slot.set_quantity(kUnitsOfSlot);
  }
  v1::Counters& counters = counters_[sku];
  if (counters.sale_id() != sale) counters.Clear();
  const bool is_new = counters.sale_id().empty();
  counters.set_sale_id(sale);
  counters.set_defined(counters.defined() + kUnitsOfSlot);
  counters.set_available(counters.available() + kUnitsOfSlot);
  v1::Change& change = append_change(sku);
  if (is_new) {
    change.add_slots_opened()->set_index(0);
    change.mutable_slots_opened(0)->set_quantity(kUnitsOfSlot);
  }
  *change.mutable_sale_defined()->mutable_sale() = definition;
}

Ticket SampleLog::reserve(const std::string& sku, const std::string& user) {
  const Ticket id = Ticket::of(partition_, Position::at(generation_, next_));
  v1::Order& order = orders_[id.value];
  order.set_id(id.value);
  order.set_sku(sku);
  order.set_sale_id("spring");
  order.set_user(user);
  order.set_quantity(kUnitsOfOrder);
  order.set_amount_minor(1998);
  order.set_currency("EUR");
  order.set_created_ms(kBegin + next_);
  order.set_deadline_ms(kBegin + 1'000 + next_);
  append_order(id, v1::HELD, kUnitsOfOrder, 0).mutable_reserved();
  return id;
}

void SampleLog::pay(Ticket order, const std::string& payment, bool again) {
  v1::Payment& paid = payments_[payment];
  paid.set_id(payment);
  paid.set_order(order.value);
  paid.set_amount_minor(1998);
  paid.set_currency("EUR");
  paid.set_end(v1::PAYMENT_PAID);
  paid.set_ticket(Ticket::of(partition_, Position::at(generation_, next_)).value);
  orders_.at(order.value).set_payment_id(payment);
  v1::Change& change = append_order(order, v1::PAID, again ? 0 : -kUnitsOfOrder, kUnitsOfOrder);
  change.mutable_paid()->set_bought_again(again);
  *change.add_payments() = paid;
}

void SampleLog::cancel(Ticket order) { append_order(order, v1::CANCELLED, -kUnitsOfOrder, 0).mutable_cancelled(); }

void SampleLog::release(const std::vector<Ticket>& orders) {
  v1::Change& change = append_order(orders.front(), v1::RELEASED, -kUnitsOfOrder * static_cast<int>(orders.size()), 0);
  change.mutable_released();
  for (std::size_t i = 1; i < orders.size(); ++i) {
    v1::Order& order = orders_.at(orders[i].value);
    order.set_status(v1::RELEASED);
    *change.add_orders() = order;
  }
}

void SampleLog::refund(Ticket order, bool restock) {
  v1::Change& change = append_order(order, v1::REFUNDED, 0, -kUnitsOfOrder);
  change.mutable_refunded()->set_restocked(restock);
  v1::Payment& payment = payments_.at(orders_.at(order.value).payment_id());
  payment.set_end(v1::PAYMENT_REFUND_DUE);
  payment.set_refund_reason(v1::REFUND_REQUESTED);
  *change.add_payments() = payment;
}

void SampleLog::give_back(const std::string& payment, Ticket order, v1::Reason reason) {
  v1::Payment& due = payments_[payment];
  due.set_id(payment);
  due.set_order(order.value);
  due.set_amount_minor(5);
  due.set_currency("CNY");
  due.set_end(v1::PAYMENT_REFUND_DUE);
  due.set_refund_reason(reason);
  due.set_ticket(Ticket::of(partition_, Position::at(generation_, next_)).value);
  v1::Change& change = append_change("");
  change.mutable_refund_due()->set_reason(reason);
  *change.add_payments() = due;
}

void SampleLog::settle(const std::string& payment) {
  v1::Change& change = append_change("");
  change.mutable_refund_settled();
  payments_.at(payment).set_refund_settled(true);
  *change.add_payments() = payments_.at(payment);
}

void SampleLog::freeze(const std::string& sku, bool on) { append_change(sku).mutable_frozen()->set_on(on); }

void SampleLog::refuse(int count, const std::string& sku, v1::Reason reason) {
  v1::Unchanged refused;
  refused.add_skus(sku);
  for (int i = 0; i < count; ++i) {
    v1::Verdict& verdict = *refused.add_verdicts();
    verdict.set_outcome(v1::REFUSED);
    verdict.set_reason(reason);
  }
  run(std::move(refused));
}

void SampleLog::open_and_refuse(const std::string& sku, int slot, v1::Reason reason) {
  v1::Change& change = append_change(sku);
  v1::SlotOpened& opened = *change.add_slots_opened();
  opened.set_index(static_cast<std::uint32_t>(slot));
  opened.set_quantity(kUnitsOfSlot);
  change.mutable_only_slots_opened();
  change.mutable_verdict()->set_outcome(v1::REFUSED);
  change.mutable_verdict()->set_reason(reason);
  change.mutable_verdict()->set_key_high(7);
}

void SampleLog::run(v1::Unchanged run) {
  run.clear_log_time_deltas_ms();
  for (int i = 0; i < run.verdicts_size(); ++i) run.add_log_time_deltas_ms(i == 0 ? 0 : 1);
  *append(run.verdicts_size()).mutable_unchanged() = std::move(run);
}

v1::Change& SampleLog::append_order(Ticket id, v1::OrderStatus status, int units_to_hold, int units_to_sell) {
  v1::Order& order = orders_.at(id.value);
  order.set_status(status);
  v1::Change& change = append_change(order.sku(), units_to_hold, units_to_sell);
  *change.add_orders() = order;
  return change;
}

v1::Change& SampleLog::append_change(const std::string& sku, int units_to_hold, int units_to_sell) {
  v1::Change& change = *append(1).mutable_change();
  change.mutable_verdict()->set_outcome(v1::ACCEPTED);
  if (sku.empty()) return change;
  v1::Counters& counters = counters_[sku];
  counters.set_held(counters.held() + units_to_hold);
  counters.set_sold(counters.sold() + units_to_sell);
  counters.set_available(counters.available() - units_to_hold - units_to_sell);
  change.set_sku(sku);
  *change.mutable_counters() = counters;
  return change;
}

v1::OrderRecord& SampleLog::append(int covered) {
  const std::uint64_t before = digest();
  v1::OrderRecord& record = records_.emplace_back();
  record.set_first_offset(static_cast<std::uint64_t>(next_));
  record.set_log_time_ms(kBegin + next_);
  next_ += covered;
  record.set_last_offset(static_cast<std::uint64_t>(next_ - 1));
  record.set_rules_version(1);
  record.set_digest(next_digest(before, next_ - 1, record.log_time_ms(), "sample"));
  return record;
}

}  // namespace sluice
