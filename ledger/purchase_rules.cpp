#include "ledger/purchase_rules.h"

namespace sluice {
namespace {

// The first intent with a request key settles what every later one gets: accepted ones for the life of the sale, refused ones
// as long as the window remembers them.
bool rule_repetition(const LedgerState& state, const Fingerprint& key, std::uint64_t content, Ruling& ruling) {
  if (const auto accepted = state.accepted_requests.find(key); accepted != state.accepted_requests.end()) {
    if (accepted->second.content == content) {
      ruling.duplicate(accepted->second.order);
    } else {
      ruling.refuse(v1::KEY_REUSED);
    }
    return true;
  }
  if (const RefusalWindow::Refusal* refused = state.refusals.find(key)) {
    if (refused->content == content) {
      ruling.duplicate(refused->ticket.value, refused->reason);
    } else {
      ruling.refuse(v1::KEY_REUSED);
    }
    return true;
  }
  return false;
}

void reserve(const StockLine& line, const Moment& moment, const v1::Purchase& purchase, const Fingerprint& key,
             Ruling& ruling) {
  const v1::DefineSale& sale = line.stock.sale;
  ruling.verdict().Clear();  // the order carries the key
  v1::Change& change = ruling.accept_on(line.stock);
  move_units(*change.mutable_counters(), Pile::kAvailable, Pile::kHeld, purchase.quantity());
  change.mutable_reserved();

  v1::Order& order = *change.add_orders();
  order.set_id(moment.ticket.value);
  order.set_sku(purchase.sku());
  order.set_sale_id(sale.sale_id());
  order.set_user(purchase.user());
  order.set_quantity(purchase.quantity());
  order.set_amount_minor(sale.price_minor() * purchase.quantity());
  order.set_currency(sale.currency());
  order.set_status(v1::HELD);
  order.set_created_ms(moment.log_time);
  order.set_deadline_ms(moment.log_time + UnixMillis{1000} * sale.hold_seconds());
  order.set_hold_seconds(sale.hold_seconds());
  order.set_key_high(key.high);
  order.set_key_low(key.low);
  order.set_content(purchase.quantity());
}

}  // namespace

v1::Reason refusal_of(const StockLine& line, const Fingerprint& user, std::uint32_t quantity, UnixMillis log_time) {
  if (!line.stock.is_on_sale(log_time)) return v1::NOT_ON_SALE;
  if (line.stock.frozen) return v1::FROZEN;
  if (!line.stock.can_sell(quantity)) return v1::SOLD_OUT;
  const auto units = line.units_of_user.find(user);
  const std::uint64_t has = units == line.units_of_user.end() ? 0 : units->second;
  if (has + quantity > line.stock.sale.limit_per_user()) return v1::LIMIT_REACHED;
  return v1::REASON_UNSPECIFIED;
}

void rule_purchase(const LedgerState& state, WorkingSet& rows, const StockLine* line, const Moment& moment,
                   const v1::Purchase& purchase, Ruling& ruling) {
  const Fingerprint key = purchase_fingerprint(purchase.user(), purchase.sku(), purchase.request_key());
  // Two look-ups in tables far larger than the processor's caches: their memory is on its way while the user is hashed.
  state.accepted_requests.prefetch(key);
  if (line != nullptr) line->units_of_user.prefetch(rows.user_key(purchase.user()));
  const std::uint64_t content = purchase.quantity();
  ruling.set_key(key, content);
  if (rule_repetition(state, key, content, ruling)) return;
  if (line == nullptr) return ruling.refuse(v1::UNKNOWN_SKU);
  const v1::Reason reason = refusal_of(*line, rows.user_key(purchase.user()), purchase.quantity(), moment.log_time);
  if (reason != v1::REASON_UNSPECIFIED) return ruling.refuse(reason);
  reserve(*line, moment, purchase, key, ruling);
}

}  // namespace sluice
