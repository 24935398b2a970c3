#include "ledger/purchase_rules.h"

namespace sluice {
namespace {

// The first intent with a request key settles what every later one gets: accepted ones for the life of the sale, refused ones
// as long as the window remembers them.
bool rule_repetition(const LedgerState& state, const HashedKey& key, std::uint64_t content, Verdict& verdict) {
  if (const AcceptedOrders::Accepted* accepted = state.accepted.find(key)) {
    if (accepted->quantity == content) {
      verdict.duplicate(state.accepted.id_of(*accepted));
    } else {
      verdict.refuse(v1::KEY_REUSED);
    }
    return true;
  }
  if (const auto refused = state.refusals.find(key)) {
    if (refused->content == content) {
      verdict.duplicate(state.identity.ticket(refused->offset).value, refused->reason);
    } else {
      verdict.refuse(v1::KEY_REUSED);
    }
    return true;
  }
  return false;
}

}  // namespace

v1::Reason refusal_of(const StockLine& line, const HashedKey& user, std::uint32_t quantity, UnixMillis log_time) {
  if (!line.stock.is_on_sale(log_time)) return v1::NOT_ON_SALE;
  if (line.stock.frozen) return v1::FROZEN;
  if (!line.stock.can_sell(quantity)) return v1::SOLD_OUT;
  const std::uint64_t has = line.units_of_user.of(user);
  if (has + quantity > line.stock.sale.limit_per_user()) return v1::LIMIT_REACHED;
  return v1::REASON_UNSPECIFIED;
}

Verdict rule_purchase(const LedgerState& state, const StockLine* line, const Moment& moment, const PurchaseRequest& purchase) {
  const std::uint32_t quantity = purchase.fields.quantity;
  const std::uint64_t content = quantity;
  Verdict verdict;
  verdict.set_key(purchase.key.key, content);
  if (rule_repetition(state, purchase.key, content, verdict)) return verdict;
  v1::Reason reason = v1::UNKNOWN_SKU;
  if (line != nullptr) reason = refusal_of(*line, purchase.user, quantity, moment.log_time);
  if (reason == v1::REASON_UNSPECIFIED) {
    verdict.outcome = v1::ACCEPTED;
  } else {
    verdict.refuse(reason);
  }
  return verdict;
}

Reservation reservation_for(const StockLine& line, const Moment& moment, const PurchaseRequest& purchase) {
  const v1::DefineSale& sale = line.stock.sale;
  return {.id = moment.ticket.value,
          .user = purchase.fields.user,
          .user_key = purchase.user,
          .quantity = purchase.fields.quantity,
          .amount_minor = sale.price_minor() * purchase.fields.quantity,
          .created = moment.log_time,
          .hold_seconds = sale.hold_seconds(),
          .key = purchase.key,
          .content = purchase.fields.quantity};
}

}  // namespace sluice
