#include "ledger/apply.h"

#include <algorithm>

#include "runtime/check.h"

namespace sluice {
namespace {

Fingerprint key_of(const v1::Verdict& verdict) { return {verdict.key_high(), verdict.key_low()}; }

// A key that was used for something else before says nothing new about that key.
bool names_its_key(const v1::Verdict& verdict) {
  return key_of(verdict) != Fingerprint{} && verdict.reason() != v1::KEY_REUSED;
}

void add_units(StockLine& line, const Fingerprint& user, std::uint32_t units) { line.units_of_user[user] += units; }

void remove_units(StockLine& line, const Fingerprint& user, std::uint32_t units) {
  const auto found = line.units_of_user.find(user);
  CHECK(found != line.units_of_user.end() && found->second >= units);
  found->second -= units;
  if (found->second == 0) line.units_of_user.erase(found);
}

Fingerprint key_of(const v1::Order& order) { return {order.key_high(), order.key_low()}; }

void hold(LedgerState& state, StockLine& line, const v1::Order& order) {
  line.deadlines.emplace(order.deadline_ms(), order.id());
  HeldOrder& held = state.held_orders.try_emplace(state.held_orders.end(), order.id())->second;
  held.line = &line;
  held.user = order.user();
  held.quantity = order.quantity();
  held.hold_seconds = order.hold_seconds();
  held.amount_minor = order.amount_minor();
  held.created = order.created_ms();
  held.deadline = order.deadline_ms();
  held.key = key_of(order);
  held.content = order.content();
}

void close(LedgerState& state, WorkingSet& rows, StockLine& line, const v1::Order& order) {
  if (state.held_orders.erase(order.id()) > 0) line.deadlines.erase({order.deadline_ms(), order.id()});
  rows.closed_orders[order.id()] = order;
}

// The event says whether the order's units begin or cease to count against its user's limit.
void apply_order(LedgerState& state, WorkingSet& rows, StockLine& line, const v1::Change& change, const v1::Order& order) {
  if (change.has_reserved()) {
    state.accepted_requests[key_of(order)] = {order.id(), order.content(), 0, &line};
    hold(state, line, order);
  } else {
    close(state, rows, line, order);
  }
  if (order.sale_id() != line.stock.sale.sale_id()) return;  // limits are a sale's, and that sale is gone
  const Fingerprint& user = rows.user_key(order.user());
  if (change.has_reserved() || change.paid().bought_again()) add_units(line, user, order.quantity());
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

void remember_admin_key(LedgerState& state, Ticket ticket, const v1::Verdict& verdict, Effects& effects) {
  v1::StoredAdminKey stored;
  stored.set_ticket(ticket.value);
  stored.set_content(verdict.content());
  stored.set_outcome(verdict.outcome());
  stored.set_reason(verdict.reason());
  stored.set_could_take(verdict.could_take());
  if (state.admin_keys.try_emplace(key_of(verdict), stored).second) effects.admin_key_added(key_of(verdict), stored);
}

}  // namespace

void apply_change(LedgerState& state, WorkingSet& rows, Ticket ticket, UnixMillis log_time, const v1::Change& change,
                  Effects& effects) {
  if (!change.sku().empty()) apply_line(state, rows, ticket.position(), change, effects);
  for (const v1::Order& order : change.orders()) effects.order_changed(ticket.position(), log_time, order);
  for (const v1::Payment& payment : change.payments()) {
    rows.payments[payment.id()] = payment;
    effects.payment_changed(ticket.position(), payment);
  }
  apply_verdict(state, rows, ticket, log_time, change.verdict(), effects);
}

void apply_verdict(LedgerState& state, WorkingSet& rows, Ticket ticket, UnixMillis log_time, const v1::Verdict& verdict,
                   Effects& effects) {
  if (!names_its_key(verdict)) return;
  if (verdict.admin()) {
    if (verdict.outcome() != v1::DUPLICATE) remember_admin_key(state, ticket, verdict, effects);
  } else if (verdict.outcome() == v1::DUPLICATE) {
    remember_alias(state, rows, ticket, log_time, key_of(verdict), effects);
  } else {
    apply_to_window(state, ticket, log_time, verdict);
  }
}

void restore_order(LedgerState& state, StockLine& line, const v1::Order& order, std::uint32_t aliases) {
  state.accepted_requests[key_of(order)] = {order.id(), order.content(), aliases, &line};
  if (order.status() == v1::HELD) hold(state, line, order);
  if (order.status() == v1::HELD || order.status() == v1::PAID) {
    add_units(line, user_fingerprint(order.user()), order.quantity());
  }
}

void apply_to_window(LedgerState& state, Ticket ticket, UnixMillis log_time, const v1::Verdict& verdict) {
  if (!names_its_key(verdict) || verdict.admin() || verdict.outcome() != v1::REFUSED) return;
  state.refusals.keep(key_of(verdict), {ticket, verdict.content(), verdict.reason()}, log_time);
}

}  // namespace sluice
