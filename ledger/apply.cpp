#include "ledger/apply.h"

#include <algorithm>

#include "runtime/check.h"

namespace sluice {
namespace {

void close(LedgerState& state, WorkingSet& rows, const v1::Order& order) {
  state.accepted.close(order.id());
  rows.closed_orders[order.id()] = order;
}

// Of an order that was there before. The event says whether its units begin or cease to count against its user's limit.
void apply_order(LedgerState& state, WorkingSet& rows, StockLine& line, const v1::Change& change, const v1::Order& order) {
  close(state, rows, order);
  if (order.sale_id() != line.stock.sale.sale_id()) return;  // limits are a sale's, and that sale is gone
  const HashedKey user = user_fingerprint(order.user());
  if (change.paid().bought_again()) line.units_of_user.add(user, order.quantity());
  if (change.has_cancelled() || change.has_released() || change.has_refunded())
    line.units_of_user.remove(user, order.quantity());
}

// An index that grows moves all that is in it: some milliseconds a million, and it would happen in the rush. So it grows when a
// sale is defined, to one order a unit; but not far beyond what is ever in it, since every look-up goes to another page of it.
void make_room_for_buyers(LedgerState& state, StockLine& line) {
  constexpr std::size_t kBuyersOfAllMax = 1'000'000;
  std::size_t units = 0;
  for (const v1::Slot& slot : line.stock.sale.slots()) units += slot.quantity();
  state.accepted.reserve(std::min(state.accepted.size() + units, kBuyersOfAllMax));
  line.units_of_user.reserve(std::min(units, kBuyersOfAllMax / state.lines.size()));
}

void apply_sale(LedgerState& state, StockLine& line, const v1::DefineSale& sale) {
  if (sale.sale_id() != line.stock.sale.sale_id()) {
    state.accepted.forget(line.number);
    line.stock = {};
    line.units_of_user = {};
  }
  line.stock.sale = sale;
  make_room_for_buyers(state, line);
}

void apply_line(LedgerState& state, WorkingSet& rows, Position version, const v1::Change& change, Effects& effects) {
  StockLine& line = state.line_of(change.sku());
  if (change.has_sale_defined()) apply_sale(state, line, change.sale_defined().sale());
  if (change.has_frozen()) line.stock.frozen = change.frozen().on();
  for (const v1::SlotOpened& slot : change.slots_opened()) line.stock.opened_slots = static_cast<int>(slot.index()) + 1;
  check_counters(change.counters());
  line.stock.counters = change.counters();
  line.stock.version = version;
  for (const v1::Order& order : change.orders()) apply_order(state, rows, line, change, order);
  effects.line_changed(line);
}

// A reservation that is redone. Its counters come out as the record has them, or it was made by other rules than it says.
void apply_reserved(LedgerState& state, Position version, UnixMillis log_time, const v1::Change& change, Effects& effects) {
  StockLine& line = state.line_of(change.sku());
  for (const v1::SlotOpened& slot : change.slots_opened()) {
    move_units(line.stock.counters, Pile::kUnopened, Pile::kAvailable, slot.quantity());
    line.stock.opened_slots = static_cast<int>(slot.index()) + 1;
  }
  const v1::Order& order = change.orders(0);
  apply_reservation(state, line, version, reservation_of(order));
  CHECK(line.stock.counters.available() == change.counters().available());
  CHECK(line.stock.counters.held() == change.counters().held());
  effects.order_reserved(version, log_time, order.id(), order.SerializeAsString());
  effects.line_changed(line);
}

void remember_alias(LedgerState& state, WorkingSet& rows, Ticket duplicate, UnixMillis log_time, const Fingerprint& key,
                    Effects& effects) {
  const AcceptedOrders::Accepted* first = state.accepted.find(key);
  if (first == nullptr) return;
  if (first->aliases == kAliasesPerOrderMax) {
    state.aliases_whole_from = duplicate.position().offset() + 1;
    return;
  }
  state.accepted.add_alias(key);
  const std::uint64_t order = state.accepted.id_of(*first);
  rows.aliases[duplicate.value] = order;
  const UnixMillis hold = UnixMillis{1000} * state.line_of_number[first->line]->stock.sale.hold_seconds();
  effects.alias_added({duplicate, order, log_time + hold});
}

void remember_admin_key(LedgerState& state, Ticket ticket, const Verdict& verdict, Effects& effects) {
  v1::StoredAdminKey stored;
  stored.set_ticket(ticket.value);
  stored.set_content(verdict.content);
  stored.set_outcome(verdict.outcome);
  stored.set_reason(verdict.reason);
  stored.set_could_take(verdict.could_take);
  if (state.admin_keys.try_emplace(verdict.key, stored).second) effects.admin_key_added(verdict.key, stored);
}

}  // namespace

void apply_reservation(LedgerState& state, StockLine& line, Position version, const Reservation& order) {
  move_units(line.stock.counters, Pile::kAvailable, Pile::kHeld, order.quantity);
  line.stock.version = version;
  state.accepted.add(order, line.number);
  line.units_of_user.add(order.user_key, order.quantity);
}

void apply_change(LedgerState& state, WorkingSet& rows, Ticket ticket, UnixMillis log_time, const v1::Change& change,
                  Effects& effects) {
  if (change.has_reserved()) return apply_reserved(state, ticket.position(), log_time, change, effects);
  if (!change.sku().empty()) apply_line(state, rows, ticket.position(), change, effects);
  for (const v1::Order& order : change.orders()) effects.order_changed(ticket.position(), log_time, order);
  for (const v1::Payment& payment : change.payments()) {
    rows.payments[payment.id()] = payment;
    effects.payment_changed(ticket.position(), payment);
  }
  apply_verdict(state, rows, ticket, log_time, verdict_of(change.verdict()), effects);
}

void apply_verdict(LedgerState& state, WorkingSet& rows, Ticket ticket, UnixMillis log_time, const Verdict& verdict,
                   Effects& effects) {
  if (!verdict.names_its_key()) return;
  if (verdict.admin) {
    if (verdict.outcome != v1::DUPLICATE) remember_admin_key(state, ticket, verdict, effects);
  } else if (verdict.outcome == v1::DUPLICATE) {
    remember_alias(state, rows, ticket, log_time, verdict.key, effects);
  } else {
    apply_to_window(state, ticket, log_time, verdict);
  }
}

bool restore_order(LedgerState& state, StockLine& line, const v1::Order& order, std::uint32_t aliases) {
  const Reservation reserved = reservation_of(order);
  const bool held = order.status() == v1::HELD;
  if (!state.accepted.can_add(reserved) || order.deadline_ms() != reserved.deadline()) return false;
  state.accepted.add(reserved, line.number, held, aliases);
  if (held || order.status() == v1::PAID) line.units_of_user.add(reserved.user_key, reserved.quantity);
  return true;
}

void apply_to_window(LedgerState& state, Ticket ticket, UnixMillis log_time, const Verdict& verdict) {
  if (!verdict.names_its_key() || verdict.admin || verdict.outcome != v1::REFUSED) return;
  if (verdict.content > kQuantityMax) return;  // which no purchase was refused for
  state.refusals.keep(verdict.key, {ticket.position().offset(), verdict.content, verdict.reason}, log_time);
}

}  // namespace sluice
