#include "tests/simulation/oracle/tables.h"

namespace sluice::oracle {
namespace {

constexpr int kOffsetBitsOfPosition = 44;

// The words of the table order_history.
std::pair<std::string, std::string> event_and_reason(const v1::Change& change) {
  if (change.has_reserved()) return {"reserved", ""};
  if (change.has_paid()) return {change.paid().bought_again() ? "bought_again" : "paid", ""};
  if (change.has_cancelled()) return {"cancelled", ""};
  if (change.has_released()) return {"released", ""};
  return {"refunded", change.refunded().restocked() ? "restocked" : "withdrawn"};
}

int slot_of(const v1::DefineSale& sale, UnixMillis moment) {
  for (int i = 0; i < sale.slots_size(); ++i) {
    if (sale.slots(i).opens_ms() <= moment && moment < sale.slots(i).closes_ms()) return i;
  }
  return Tables::kNoSlot;
}

}  // namespace

void Tables::take(const v1::OrderRecord& record) {
  next_ = static_cast<Offset>(record.last_offset()) + 1;
  digest_ = record.digest();
  const std::uint64_t version = (static_cast<std::uint64_t>(generation_) << kOffsetBitsOfPosition) + record.first_offset();
  if (record.has_change()) return take_change(record.change(), record.log_time_ms(), version);
  const v1::Unchanged& run = record.unchanged();
  UnixMillis log_time = record.log_time_ms();
  for (int i = 0; i < run.verdicts_size(); ++i) {
    if (!run.log_time_deltas_ms().empty()) log_time += run.log_time_deltas_ms(i);
    if (run.verdicts(i).outcome() != v1::REFUSED || run.skus().empty()) continue;
    const int sku = run.sku_of().empty() ? 0 : static_cast<int>(run.sku_of(i)) - 1;
    if (sku >= 0) count_refusal(run.skus(sku), run.verdicts(i).reason(), log_time);
  }
}

void Tables::take_change(const v1::Change& change, UnixMillis log_time, std::uint64_t version) {
  const v1::Verdict& verdict = change.verdict();
  const bool of_purchase = !verdict.admin() && (verdict.key_high() != 0 || verdict.key_low() != 0);
  if (verdict.outcome() == v1::REFUSED && of_purchase) count_refusal(change.sku(), verdict.reason(), log_time);
  if (!change.sku().empty()) {
    SaleLine& line = sales_[change.sku()];
    if (change.has_sale_defined()) {
      if (change.sale_defined().sale().sale_id() != line.sale.sale_id()) line = {};
      line.sale = change.sale_defined().sale();
    }
    line.version = version;
    line.counters = change.counters();
    line.changed = log_time;
    if (change.has_frozen()) line.frozen = change.frozen().on();
    for (const v1::SlotOpened& slot : change.slots_opened()) line.opened_slots = static_cast<int>(slot.index()) + 1;
    touched_.sales.push_back(change.sku());
  }
  for (const v1::Order& order : change.orders()) {
    orders_[order.id()] = {version, order};
    const auto [event, reason] = event_and_reason(change);
    history_[{order.id(), version}] = {event, log_time, reason};
    touched_.orders.push_back(order.id());
    touched_.history.emplace_back(order.id(), version);
  }
  for (const v1::Payment& payment : change.payments()) {
    PaymentLine& line = payments_[payment.id()];
    line = {version, payment, line.version == 0 ? log_time : line.created, log_time};
    touched_.payments.push_back(payment.id());
  }
}

// What is refused of a SKU that has no sale belongs to no line.
void Tables::count_refusal(const std::string& sku, v1::Reason reason, UnixMillis log_time) {
  const auto line = sales_.find(sku);
  if (line == sales_.end()) return;
  RefusalKey key{sku, line->second.sale.sale_id(), slot_of(line->second.sale, log_time), reason};
  ++refusals_[key];
  touched_.refusals.push_back(std::move(key));
}

}  // namespace sluice::oracle
