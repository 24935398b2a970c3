#include "ledger/ledger.h"

#include <fmt/format.h>

#include <algorithm>

#include "ledger/admin_rules.h"
#include "ledger/order_rules.h"
#include "ledger/purchase_rules.h"
#include "ledger/row_fetch.h"
#include "ledger/rules_version.h"
#include "runtime/check.h"
#include "schemas/intent_format.h"
#include "schemas/intent_route.h"
#include "schemas/partitioner.h"

namespace sluice {
namespace {

// What is wrong with an intent whatever the state is: such verdicts need no memory of the request key.
v1::Reason refusal_of_form(const v1::Purchase& purchase, const LedgerIdentity& identity) {
  if (purchase.quantity() == 0 || purchase.quantity() > kQuantityMax) return v1::BAD_QUANTITY;
  if (!problem_with(purchase).empty()) return v1::INVALID;
  const bool ours = partition_of(purchase.sku(), identity.partition_count) == identity.partition;
  return ours ? v1::REASON_UNSPECIFIED : v1::WRONG_PARTITION;
}

v1::Reason refusal_of_form(const v1::Intent& intent, const LedgerIdentity& identity) {
  if (intent.has_purchase()) return refusal_of_form(intent.purchase(), identity);
  if (!problem_with(intent).empty()) return v1::INVALID;
  return route_of(intent, identity.partition_count) == identity.partition ? v1::REASON_UNSPECIFIED : v1::WRONG_PARTITION;
}

// An intent at or after a slot's time first opens that slot of its own SKU.
void open_slots(StockLine* line, const Moment& moment, Ruling& ruling) {
  if (line == nullptr || !line->stock.has_slot_due(moment.log_time)) return;
  line->stock.open_due_slots(moment.log_time, *ruling.change.mutable_slots_opened());
}

// An intent that opened a slot has changed the stock, even if it was refused itself or changed only a payment.
void count_opened_slots(const StockLine* line, Ruling& ruling) {
  if (ruling.change.slots_opened().empty()) return;
  if (!ruling.changed) ruling.change.mutable_only_slots_opened();
  ruling.changed = true;
  if (!ruling.change.sku().empty()) return;
  ruling.change.set_sku(line->stock.sale.sku());
  *ruling.change.mutable_counters() = line->stock.counters;
}

}  // namespace

Result<LedgerBatch> Ledger::decide(std::span<const IntentMessage> intents, WorkingSet& rows, bool view_wanted, UnixMillis now) {
  RecordWriter records(state_.digest);
  Effects effects(view_wanted);
  effects.record_at(now);
  LedgerBatch batch;
  for (const IntentMessage& message : intents) {
    CHECK(message.offset == state_.next);
    if (records.bytes() >= kRecordBytesMax) break;
    if (!can_rule_on(message.bytes, rows)) break;
    const Moment moment{state_.identity.ticket(message.offset), std::max(state_.log_time, message.append_time)};
    state_.refusals.forget_before(moment.log_time);
    rule(moment, rows);
    if (ruling_.changed) {
      records.add_change(message.offset, moment.log_time, ruling_.change);
      apply_change(state_, rows, moment.ticket, moment.log_time, ruling_.change, effects);
    } else {
      records.add_verdict(message.offset, moment.log_time, ruling_.change.verdict(), ruling_.sku);
      apply_verdict(state_, rows, moment.ticket, moment.log_time, ruling_.change.verdict(), effects);
    }
    state_.next = message.offset + 1;
    state_.log_time = moment.log_time;
    ++batch.decided;
  }
  if (batch.decided == 0 && !intents.empty()) {
    return Error::fatal(
        fmt::format("intent {} of partition {} is of a kind, or has a field, that this ledger does not know: upgrade it",
                    intents.front().offset, state_.identity.partition.value));
  }
  state_.digest = records.digest();
  batch.records = std::move(records).finish();
  std::move(effects).move_to(state_, batch.rows, batch.view);
  return batch;
}

bool Ledger::can_rule_on(std::string_view bytes, const WorkingSet& rows) {
  ruling_.clear();
  if (const std::optional<std::string_view> purchase = purchase_in(bytes)) {
    const bool parsed = purchase_.ParseFromArray(purchase->data(), static_cast<int>(purchase->size()));
    is_purchase_ = parsed && !has_unknown_fields(purchase_);
    if (is_purchase_) return true;
  }
  is_purchase_ = false;
  switch (read_intent(bytes, intent_)) {
    case Readability::kNewer:
      return false;
    case Readability::kUnreadable:
      intent_.Clear();
      return true;
    case Readability::kIntent:
      break;
  }
  if (intent_.has_purchase()) return true;
  std::vector<std::string> missing;
  append_missing_rows(state_, intent_, rows, missing);
  return missing.empty();
}

void Ledger::rule(const Moment& moment, WorkingSet& rows) {
  if (is_purchase_) return rule_on_purchase(purchase_, moment, rows);
  if (intent_.has_purchase()) return rule_on_purchase(intent_.purchase(), moment, rows);
  if (intent_.kind_case() == v1::Intent::KIND_NOT_SET) return ruling_.verdict().set_outcome(v1::UNREADABLE);
  const v1::Reason reason = refusal_of_form(intent_, state_.identity);
  if (reason != v1::REASON_UNSPECIFIED) return ruling_.refuse(reason);

  const bool of_sku = !sku_of(intent_).empty();
  const std::uint64_t id = order_of(intent_);
  const OrderLookup found = id != 0 ? find_order(state_, rows, id) : OrderLookup();
  const v1::Order* order = found.order.has_value() ? &*found.order : nullptr;
  StockLine* line = of_sku ? state_.find_line(sku_of(intent_)) : order != nullptr ? state_.find_line(order->sku()) : nullptr;
  open_slots(line, moment, ruling_);
  if (of_sku) {
    rule_on_sku(line, moment);
  } else {
    rule_on_order(line, order, moment, rows);
  }
  count_opened_slots(line, ruling_);
}

void Ledger::rule_on_purchase(const v1::Purchase& purchase, const Moment& moment, WorkingSet& rows) {
  StockLine* line = state_.find_line(purchase.sku());
  if (line != nullptr) ruling_.sku = purchase.sku();
  const v1::Reason reason = refusal_of_form(purchase, state_.identity);
  if (reason != v1::REASON_UNSPECIFIED) return ruling_.refuse(reason);
  open_slots(line, moment, ruling_);
  rule_purchase(state_, rows, line, moment, purchase, ruling_);
  count_opened_slots(line, ruling_);
}

void Ledger::rule_on_sku(const StockLine* line, const Moment& moment) {
  switch (intent_.kind_case()) {
    case v1::Intent::kDue:
      return rule_due(state_, line, moment, intent_.due(), ruling_);
    case v1::Intent::kDefineSale:
      return rule_define_sale(state_, line, moment, intent_.define_sale(), ruling_);
    case v1::Intent::kAdjustStock:
      return rule_adjust_stock(state_, line, intent_.adjust_stock(), ruling_);
    case v1::Intent::kFreeze:
      return rule_freeze(state_, line, intent_.freeze(), ruling_);
    default:
      CHECK(false);
  }
}

void Ledger::rule_on_order(const StockLine* line, const v1::Order* order, const Moment& moment, WorkingSet& rows) {
  switch (intent_.kind_case()) {
    case v1::Intent::kPay:
      return rule_pay(rows, line, order, moment, intent_.pay(), ruling_);
    case v1::Intent::kCancel:
      return rule_cancel(line, order, intent_.cancel(), ruling_);
    case v1::Intent::kRefund:
      return rule_refund(state_, rows, line, order, intent_.refund(), ruling_);
    case v1::Intent::kRefundSettled:
      return rule_refund_settled(rows, intent_.refund_settled(), ruling_);
    default:
      CHECK(false);
  }
}

Result<void> Ledger::redo(const v1::OrderRecord& record, Effects& effects) {
  CHECK(static_cast<Offset>(record.first_offset()) == state_.next);
  if (record.rules_version() > kRulesVersion) {
    return Error::fatal(fmt::format("orders of partition {} were decided by rules version {}, this ledger knows {}: upgrade it",
                                    state_.identity.partition.value, record.rules_version(), kRulesVersion));
  }
  const std::uint64_t digest = digest_after(state_.digest, record);
  if (digest != record.digest()) {
    return Error::fatal(
        fmt::format("the record of intents {}..{} of partition {} does not continue the digest chain: orders was cut, "
                    "replaced or written to by somebody else",
                    record.first_offset(), record.last_offset(), state_.identity.partition.value));
  }
  WorkingSet rows;
  for_each_verdict(record, [&](Offset offset, UnixMillis log_time, const v1::Verdict& verdict) {
    const Ticket ticket = state_.identity.ticket(offset);
    state_.refusals.forget_before(log_time);
    if (record.has_change()) {
      apply_change(state_, rows, ticket, log_time, record.change(), effects);
    } else {
      apply_verdict(state_, rows, ticket, log_time, verdict, effects);
    }
    state_.log_time = log_time;
  });
  state_.digest = digest;
  state_.next = static_cast<Offset>(record.last_offset()) + 1;
  return {};
}

void Ledger::remember(const v1::OrderRecord& record) {
  for_each_verdict(record, [&](Offset offset, UnixMillis log_time, const v1::Verdict& verdict) {
    state_.refusals.forget_before(log_time);
    apply_to_window(state_, state_.identity.ticket(offset), log_time, verdict);
  });
}

}  // namespace sluice
