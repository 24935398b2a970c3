#include "ingest/verdicts.h"

#include <algorithm>

#include "runtime/check.h"
#include "schemas/reason_word.h"

namespace sluice {
namespace {

constexpr UnixMillis kMillisPerSecond = 1000;

}  // namespace

Verdicts::Verdicts(Generation generation, Partition partition, const VerdictBounds& bounds)
    : generation_(generation), partition_(partition), bounds_(bounds), window_(bounds.verdicts) {
  CHECK(bounds.verdicts > 0 && (bounds.verdicts & (bounds.verdicts - 1)) == 0);
  CHECK(bounds.orders > 0);
}

Coverage::Ruling Verdicts::take(const v1::OrderRecord& record, UnixMillis appended, UnixMillis now) {
  const auto first = static_cast<Offset>(record.first_offset());
  if (!coverage_) {
    coverage_.emplace(first);
    first_kept_ = first;
  }
  const Coverage::Ruling ruling = coverage_->take(record);
  if (ruling != Coverage::Ruling::kNew) return ruling;
  if (record.has_change()) {
    const v1::Change& change = record.change();
    keep(first, change.verdict());
    const Position version = Position::at(generation_, first);
    for (const v1::Order& order : change.orders()) keep(version, order, appended);
    for (const v1::Payment& payment : change.payments()) keep(version, payment);
  } else if (record.has_voided()) {
    keep_voided(first);
  } else {
    Offset offset = first;
    for (const v1::Verdict& verdict : record.unchanged().verdicts()) keep(offset++, verdict);
  }
  move_window();
  pace_.decided(next(), now);
  return ruling;
}

void Verdicts::keep(Offset offset, const v1::Verdict& verdict) {
  window_[static_cast<std::size_t>(offset) & (window_.size() - 1)] = {static_cast<std::uint8_t>(verdict.outcome()),
                                                                      static_cast<std::uint8_t>(verdict.reason())};
  if (verdict.duplicate_of() == 0 && verdict.could_take() == 0) return;
  whole_.insert_or_assign(
      offset, KeptVerdict{Ticket{verdict.duplicate_of()}, verdict.outcome(), verdict.reason(), verdict.could_take()});
  whole_by_age_.push_back(offset);
}

// As many intents as somebody lost, of which the window has room for the last.
void Verdicts::keep_voided(Offset first) {
  v1::Verdict voided;
  voided.set_outcome(v1::VOIDED);
  for (Offset offset = std::max(first, next() - static_cast<Offset>(window_.size())); offset < next(); ++offset) {
    keep(offset, voided);
  }
}

void Verdicts::move_window() {
  first_kept_ = std::max(first_kept_, next() - static_cast<Offset>(window_.size()));
  while (!whole_by_age_.empty() && whole_by_age_.front() < first_kept_) {
    whole_.erase(whole_by_age_.front());
    whole_by_age_.pop_front();
  }
}

void Verdicts::keep(Position version, const v1::Order& order, UnixMillis appended) {
  OrderView& view = view_of(order.id());
  // Only the record that reserves an order starts its buyer's time; later ones about a held order must not move it.
  const bool starts_hold = order.status() == v1::HELD && view.status != v1::HELD;
  if (starts_hold) view.pay_by = appended + UnixMillis{order.hold_seconds()} * kMillisPerSecond;
  view.whole = view.whole || Ticket{order.id()}.position() == version;  // here it began
  view.version = version;
  view.status = order.status();
  view.sku = order.sku();
  view.user = order.user();
  view.quantity = order.quantity();
  view.amount_minor = order.amount_minor();
  view.currency = order.currency();
  view.created = order.created_ms();
}

void Verdicts::keep(Position version, const v1::Payment& payment) {
  if (payment.order() == 0 || payment.end() != v1::PAYMENT_REFUND_DUE) return;
  add_refund(view_of(payment.order()), {.payment_id = payment.id(),
                                        .version = version,
                                        .amount_minor = payment.amount_minor(),
                                        .currency = payment.currency(),
                                        .reason = reason_word(payment.refund_reason()),
                                        .settled = payment.refund_settled()});
}

OrderView& Verdicts::view_of(std::uint64_t order) {
  const auto known = orders_.find(order);
  if (known != orders_.end()) return known->second;
  if (orders_by_age_.size() == bounds_.orders) {
    orders_.erase(orders_by_age_.front());
    orders_by_age_.pop_front();
  }
  orders_by_age_.push_back(order);
  return orders_[order];
}

Verdicts::Found Verdicts::find(Ticket ticket) const {
  CHECK(ticket.partition() == partition_ && ticket.position().generation() == generation_);
  const Offset offset = ticket.position().offset();
  if (offset >= next()) return {Known::kPending, {}};
  if (offset < first_kept_) return {Known::kOlder, {}};
  if (const auto whole = whole_.find(offset); whole != whole_.end()) return {Known::kDecided, whole->second};
  const Cell& cell = window_[static_cast<std::size_t>(offset) & (window_.size() - 1)];
  Found found{Known::kDecided, {}};
  found.verdict.outcome = static_cast<v1::Outcome>(cell.outcome);
  found.verdict.reason = static_cast<v1::Reason>(cell.reason);
  return found;
}

const OrderView* Verdicts::order(Ticket order) const {
  const OrderView* view = trace(order);
  return view != nullptr && view->status != v1::ORDER_STATUS_UNSPECIFIED ? view : nullptr;
}

const OrderView* Verdicts::trace(Ticket order) const {
  const auto found = orders_.find(order.value);
  return found == orders_.end() ? nullptr : &found->second;
}

}  // namespace sluice
