#include "ledger/ledger.h"

#include <fmt/format.h>

#include <algorithm>

#include "ledger/admin_rules.h"
#include "ledger/order_rules.h"
#include "ledger/remedies.h"
#include "ledger/row_fetch.h"
#include "ledger/rules_version.h"
#include "runtime/check.h"
#include "schemas/intent_format.h"
#include "schemas/intent_route.h"
#include "schemas/partitioner.h"

namespace sluice {
namespace {

// What is wrong with an intent whatever the state is: such verdicts need no memory of the request key.
v1::Reason refusal_of_form(const PurchaseFields& purchase, const LedgerIdentity& identity) {
  if (purchase.quantity == 0 || purchase.quantity > kQuantityMax) return v1::BAD_QUANTITY;
  if (!is_well_formed(purchase)) return v1::INVALID;
  const bool ours = partition_of(purchase.sku, identity.partition_count) == identity.partition;
  return ours ? v1::REASON_UNSPECIFIED : v1::WRONG_PARTITION;
}

v1::Reason refusal_of_form(const v1::Intent& intent, const LedgerIdentity& identity) {
  if (!problem_with(intent).empty()) return v1::INVALID;
  return route_of(intent, identity.partition_count) == identity.partition ? v1::REASON_UNSPECIFIED : v1::WRONG_PARTITION;
}

using SlotsOpened = google::protobuf::RepeatedPtrField<v1::SlotOpened>;

// An intent at or after a slot's time first opens that slot of its own SKU.
void open_slots(StockLine* line, const Moment& moment, SlotsOpened& opened) {
  if (line != nullptr && line->stock.has_slot_due(moment.log_time)) line->stock.open_due_slots(moment.log_time, opened);
}

// As they stand in a Change.
std::string serialised(const SlotsOpened& opened) {
  std::string bytes;
  for (const v1::SlotOpened& slot : opened) {
    wire::append_bytes_field(bytes, v1::Change::kSlotsOpenedFieldNumber, slot.SerializeAsString());
  }
  return bytes;
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
  Outputs outputs{records, rows, effects};
  LedgerBatch batch;
  for (const IntentMessage& message : intents) {
    CHECK(message.offset == state_.next);
    if (records.bytes() >= kRecordBytesMax) break;
    const std::size_t place = static_cast<std::size_t>(batch.decided) % kReadAheadMax;
    if (place == 0) read_ahead(intents.subspan(static_cast<std::size_t>(batch.decided)));
    const std::optional<PurchaseRequest>& purchase = ahead_[place];
    if (!purchase && !can_rule_on(message.bytes, rows)) break;
    const Moment moment{state_.identity.ticket(message.offset), std::max(state_.log_time, message.append_time)};
    state_.refusals.forget_before(moment.log_time);
    if (purchase) {
      decide_purchase(*purchase, moment, outputs);
    } else {
      decide_other(moment, outputs);
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

void Ledger::read_ahead(std::span<const IntentMessage> intents) {
  const std::size_t count = std::min(intents.size(), kReadAheadMax);
  StockLine* line = nullptr;
  for (std::size_t i = 0; i < count; ++i) {
    const std::optional<PurchaseFields> fields = read_purchase(intents[i].bytes);
    ahead_[i].reset();
    if (!fields) continue;
    // In a rush nearly all are for the same one.
    if (line == nullptr || line->stock.sale.sku() != fields->sku) line = state_.find_line(fields->sku);
    const PurchaseRequest& purchase = ahead_[i].emplace(*fields, line);
    state_.accepted.prefetch(purchase.key);
    state_.refusals.prefetch(purchase.key);
    if (purchase.line != nullptr) purchase.line->units_of_user.prefetch(purchase.user);
  }
}

void Ledger::decide_purchase(const PurchaseRequest& purchase, const Moment& moment, Outputs& outputs) {
  const PurchaseFields& fields = purchase.fields;
  // One that was read ahead may be of a sale that has only just been defined.
  StockLine* line = purchase.line != nullptr ? purchase.line : state_.find_line(fields.sku);
  opened_.Clear();
  ruling_.verdict = {};
  if (const v1::Reason reason = refusal_of_form(fields, state_.identity); reason != v1::REASON_UNSPECIFIED) {
    ruling_.refuse(reason);
  } else {
    open_slots(line, moment, opened_);
    ruling_.verdict = rule_purchase(state_, line, moment, purchase);
  }
  if (ruling_.verdict.outcome == v1::ACCEPTED) return reserve(*line, purchase, moment, outputs);
  ruling_.changed = false;
  if (!opened_.empty()) {
    ruling_.change.Clear();
    ruling_.change.mutable_slots_opened()->Swap(&opened_);
    count_opened_slots(line, ruling_);
  }
  take_ruling(moment, line != nullptr ? fields.sku : std::string_view(), outputs);
}

void Ledger::reserve(StockLine& line, const PurchaseRequest& purchase, const Moment& moment, Outputs& outputs) {
  const Position version = moment.ticket.position();
  const Reservation order = reservation_for(line, moment, purchase);
  apply_reservation(state_, line, version, order);
  const std::string_view bytes =
      outputs.records.add_reserved(version.offset(), moment.log_time, order, serialised(opened_), line.stock);
  outputs.effects.order_reserved(version, moment.log_time, order.id, bytes);
  outputs.effects.line_changed(line);
}

bool Ledger::can_rule_on(std::string_view bytes, const WorkingSet& rows) {
  switch (read_intent(bytes, intent_)) {
    case Readability::kNewer:
      return false;
    case Readability::kUnreadable:
      intent_.Clear();
      return true;
    case Readability::kIntent:
      break;
  }
  std::vector<std::string> missing;
  append_missing_rows(state_, intent_, rows, missing);
  return missing.empty();
}

void Ledger::decide_other(const Moment& moment, Outputs& outputs) {
  if (intent_.has_purchase()) {
    const PurchaseFields fields = fields_of(intent_.purchase());
    return decide_purchase(PurchaseRequest(fields, state_.find_line(fields.sku)), moment, outputs);
  }
  ruling_.clear();
  rule(moment, outputs.rows);
  take_ruling(moment, {}, outputs);
}

// `sku`: that a purchase was for, if it has a sale.
void Ledger::take_ruling(const Moment& moment, std::string_view sku, Outputs& outputs) {
  const Offset offset = moment.ticket.position().offset();
  if (!ruling_.changed) {
    outputs.records.add_verdict(offset, moment.log_time, ruling_.verdict, sku);
    return apply_verdict(state_, outputs.rows, moment.ticket, moment.log_time, ruling_.verdict, outputs.effects);
  }
  to_message(ruling_.verdict, *ruling_.change.mutable_verdict());
  outputs.records.add_change(offset, moment.log_time, ruling_.change);
  apply_change(state_, outputs.rows, moment.ticket, moment.log_time, ruling_.change, outputs.effects);
}

void Ledger::rule(const Moment& moment, WorkingSet& rows) {
  if (intent_.kind_case() == v1::Intent::KIND_NOT_SET) {
    ruling_.verdict.outcome = v1::UNREADABLE;
    return;
  }
  const v1::Reason reason = refusal_of_form(intent_, state_.identity);
  if (reason != v1::REASON_UNSPECIFIED) return ruling_.refuse(reason);

  const bool of_sku = !sku_of(intent_).empty();
  const std::uint64_t id = order_of(intent_);
  const OrderLookup found = id != 0 ? find_order(state_, rows, id) : OrderLookup();
  const v1::Order* order = found.order.has_value() ? &*found.order : nullptr;
  StockLine* line = of_sku ? state_.find_line(sku_of(intent_)) : order != nullptr ? state_.find_line(order->sku()) : nullptr;
  open_slots(line, moment, *ruling_.change.mutable_slots_opened());
  if (of_sku) {
    rule_on_sku(line, moment);
  } else {
    rule_on_order(line, order, moment, rows);
  }
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
  if (record.change().orders_size() > 0) {
    const Ticket order{record.change().orders(0).id()};
    if (order.partition() != state_.identity.partition || order.position().generation() != state_.identity.generation) {
      return Error::fatal(
          fmt::format("orders of partition {} names order {}, which is of partition {} in generation {}, but this ledger runs "
                      "with generation "
                      "{}: set topics.generation to the one with which the topics were created",
                      state_.identity.partition.value, order.value, order.partition().value,
                      order.position().generation().value, state_.identity.generation.value));
    }
  }
  const std::uint64_t digest = digest_after(state_.digest, record);
  if (digest != record.digest() || !is_whole(record)) {
    return Error::fatal(
        fmt::format("the record of intents {}..{} of partition {} does not continue the digest chain: orders was cut, "
                    "replaced or written to by somebody else. {} shows what is there",
                    record.first_offset(), record.last_offset(), state_.identity.partition.value,
                    inspect_command(state_.identity.partition)));
  }
  state_.digest = digest;
  state_.next = static_cast<Offset>(record.last_offset()) + 1;
  if (record.has_voided()) return {};  // nobody knows what they asked for: nothing changes
  WorkingSet rows;
  for_each_verdict(record, [&](Offset offset, UnixMillis log_time, const v1::Verdict& verdict) {
    const Ticket ticket = state_.identity.ticket(offset);
    state_.refusals.forget_before(log_time);
    if (record.has_change()) {
      apply_change(state_, rows, ticket, log_time, record.change(), effects);
    } else {
      apply_verdict(state_, rows, ticket, log_time, verdict_of(verdict), effects);
    }
    state_.log_time = log_time;
  });
  return {};
}

void Ledger::remember(const v1::OrderRecord& record) {
  if (record.has_voided()) return;
  for_each_verdict(record, [&](Offset offset, UnixMillis log_time, const v1::Verdict& verdict) {
    state_.refusals.forget_before(log_time);
    apply_to_window(state_, state_.identity.ticket(offset), log_time, verdict_of(verdict));
  });
}

}  // namespace sluice
