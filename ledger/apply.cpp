#include "ledger/apply.h"

#include <algorithm>

#include "runtime/check.h"

namespace sluice {
namespace {

void add_units(StockLine& line, const Fingerprint& user, std::uint32_t units) { line.units_of_user[user] += units; }

void remove_units(StockLine& line, const Fingerprint& user, std::uint32_t units) {
  const auto found = line.units_of_user.find(user);
  CHECK(found != line.units_of_user.end() && found->second >= units);
  found->second -= units;
  if (found->second == 0) line.units_of_user.erase(found);
}

void hold(LedgerState& state, StockLine& line, const Reservation& order) {
  line.deadlines.emplace(order.deadline(), order.id);
  HeldOrder& held = state.held_orders.try_emplace(state.held_orders.end(), order.id)->second;
  held.line = &line;
  held.user = order.user;
  held.quantity = order.quantity;
  held.hold_seconds = order.hold_seconds;
  held.amount_minor = order.amount_minor;
  held.created = order.created;
  held.deadline = order.deadline();
  held.key = order.key;
  held.content = order.content;
}

void close(LedgerState& state, WorkingSet& rows, StockLine& line, const v1::Order& order) {
  if (state.held_orders.erase(order.id()) > 0) line.deadlines.erase({order.deadline_ms(), order.id()});
  rows.closed_orders[order.id()] = order;
}

// Of an order that was there before. The event says whether its units begin or cease to count against its user's limit.
void apply_order(LedgerState& state, WorkingSet& rows, StockLine& line, const v1::Change& change, const v1::Order& order) {
  close(state, rows, line, order);
  if (order.sale_id() != line.stock.sale.sale_id()) return;  // limits are a sale's, and that sale is gone
  const Fingerprint user = user_fingerprint(order.user());
  if (change.paid().bought_again()) add_units(line, user, order.quantity());
  if (change.has_cancelled() || change.has_released() || change.has_refunded()) remove_units(line, user, order.quantity());
}

// A table that grows moves all that is in it: tens of milliseconds, and it would happen in the rush. So it grows when a sale is
// defined, to one order a unit. Memory that is never written to is never taken from the machine.
void make_room_for_buyers(LedgerState& state, StockLine& line) {
  constexpr std::size_t kBuyersMax = 1'000'000;
  std::size_t units = 0;
  for (const v1::Slot& slot : line.stock.sale.slots()) units += slot.quantity();
  const std::size_t buyers = std::min(units, kBuyersMax);
  state.accepted_requests.reserve(state.accepted_requests.size() + buyers);
  line.units_of_user.reserve(buyers);
}

void apply_sale(LedgerState& state, StockLine& line, const v1::DefineSale& sale) {
  if (sale.sale_id() != line.stock.sale.sale_id()) {
    CHECK(line.deadlines.empty());
    absl::erase_if(state.accepted_requests, [&line](const auto& entry) { return entry.second.line == &line; });
    line = StockLine();
  }
  line.stock.sale = sale;
  make_room_for_buyers(state, line);
}

void apply_line(LedgerState& state, WorkingSet& rows, Position version, const v1::Change& change, Effects& effects) {
  StockLine& line = state.lines[change.sku()];
  if (change.has_sale_defined()) apply_sale(state, line, change.sale_defined().sale());
  if (change.has_frozen()) line.stock.frozen = change.frozen().on();
  for (const v1::SlotOpened& slot : change.slots_opened()) line.stock.opened_slots = static_cast<int>(slot.index()) + 1;
  check_counters(change.counters());
  line.stock.counters = change.counters();
  line.stock.version = version;
  for (const v1::Order& order : change.orders()) apply_order(state, rows, line, change, order);
  effects.line_changed(change.sku());
}

// A reservation that is redone. Its counters come out as the record has them, or it was made by other rules than it says.
void apply_reserved(LedgerState& state, Position version, UnixMillis log_time, const v1::Change& change, Effects& effects) {
  StockLine& line = state.lines[change.sku()];
  for (const v1::SlotOpened& slot : change.slots_opened()) {
    move_units(line.stock.counters, Pile::kUnopened, Pile::kAvailable, slot.quantity());
    line.stock.opened_slots = static_cast<int>(slot.index()) + 1;
  }
  const v1::Order& order = change.orders(0);
  apply_reservation(state, line, version, reservation_of(order));
  CHECK(line.stock.counters.available() == change.counters().available());
  CHECK(line.stock.counters.held() == change.counters().held());
  effects.order_reserved(version, log_time, order.id(), order.SerializeAsString());
  effects.line_changed(change.sku());
}

void remember_alias(LedgerState& state, WorkingSet& rows, Ticket duplicate, UnixMillis log_time, const Fingerprint& key,
                    Effects& effects) {
  const auto found = state.accepted_requests.find(key);
  if (found == state.accepted_requests.end()) return;
  if (found->second.aliases == kAliasesPerOrderMax) {
    state.aliases_whole_from = duplicate.position().offset() + 1;
    return;
  }
  ++found->second.aliases;
  rows.aliases[duplicate.value] = found->second.order;
  const UnixMillis hold = UnixMillis{1000} * found->second.line->stock.sale.hold_seconds();
  effects.alias_added({duplicate, found->second.order, log_time + hold});
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
  state.accepted_requests[order.key] = {order.id, order.content, 0, &line};
  hold(state, line, order);
  add_units(line, order.user_key, order.quantity);
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

void restore_order(LedgerState& state, StockLine& line, const v1::Order& order, std::uint32_t aliases) {
  const Reservation reserved = reservation_of(order);
  state.accepted_requests[reserved.key] = {reserved.id, reserved.content, aliases, &line};
  if (order.status() == v1::HELD) hold(state, line, reserved);
  if (order.status() == v1::HELD || order.status() == v1::PAID) add_units(line, reserved.user_key, reserved.quantity);
}

void apply_to_window(LedgerState& state, Ticket ticket, UnixMillis log_time, const Verdict& verdict) {
  if (!verdict.names_its_key() || verdict.admin || verdict.outcome != v1::REFUSED) return;
  state.refusals.keep(verdict.key, {ticket, verdict.content, verdict.reason}, log_time);
}

}  // namespace sluice
