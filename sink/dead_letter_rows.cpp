#include "sink/dead_letter_rows.h"

#include <string_view>

namespace sluice {
namespace {

v1::DeadLetter letter_of(std::string_view table, Position version, const RowRefusal& refusal) {
  v1::DeadLetter letter;
  letter.set_version(version.value);
  letter.set_store("mysql");
  letter.set_error_code(refusal.code);
  letter.set_error(refusal.words);
  letter.set_table(std::string(table));
  return letter;
}

}  // namespace

v1::DeadLetter dead_letter_of(const OrderRow& row, const RowRefusal& refusal) {
  v1::DeadLetter letter = letter_of("orders", row.version, refusal);
  *letter.mutable_order() = row.order;
  return letter;
}

v1::DeadLetter dead_letter_of(const PaymentRow& row, const RowRefusal& refusal) {
  v1::DeadLetter letter = letter_of("payments", row.version, refusal);
  *letter.mutable_payment()->mutable_payment() = row.payment;
  letter.mutable_payment()->set_created_ms(row.created);
  letter.mutable_payment()->set_changed_ms(row.changed);
  return letter;
}

v1::DeadLetter dead_letter_of(const SaleRow& row, const RowRefusal& refusal) {
  v1::DeadLetter letter = letter_of("sales", row.version, refusal);
  v1::SaleState& state = *letter.mutable_sale();
  *state.mutable_sale() = row.sale;
  *state.mutable_counters() = row.counters;
  state.set_opened_slots(static_cast<std::uint32_t>(row.opened_slots));
  state.set_frozen(row.frozen);
  state.set_changed_ms(row.changed);
  return letter;
}

v1::DeadLetter dead_letter_of(const HistoryRow& row, const RowRefusal& refusal) {
  v1::DeadLetter letter = letter_of("order_history", row.version, refusal);
  v1::OrderTransition& transition = *letter.mutable_transition();
  transition.set_order(row.order);
  transition.set_event(std::string(row.event));
  transition.set_log_time_ms(row.log_time);
  transition.set_reason(std::string(row.reason));
  return letter;
}

v1::DeadLetter dead_letter_of(const RefusalRow& row, const RowRefusal& refusal) {
  v1::DeadLetter letter = letter_of("refusals", row.version, refusal);
  v1::RefusalCount& refusals = *letter.mutable_refusals();
  refusals.set_sku(row.sku);
  refusals.set_sale_id(row.sale_id);
  refusals.set_slot(row.slot);
  refusals.set_reason(row.reason);
  refusals.set_count(row.count);
  refusals.set_since(row.since.value);
  return letter;
}

std::string subject_of(const v1::DeadLetter& letter) {
  if (letter.has_payment()) return letter.payment().payment().id();
  if (letter.has_sale()) return letter.sale().sale().sku();
  if (letter.has_refusals()) return letter.refusals().sku();
  return std::to_string(letter.has_transition() ? letter.transition().order() : letter.order().id());
}

}  // namespace sluice
