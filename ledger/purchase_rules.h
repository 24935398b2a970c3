// Pure: the rules of buying: who gets a hold, who is refused and why, and what a repeated request gets.
#pragma once

#include "ledger/ledger_state.h"
#include "ledger/reservation.h"
#include "ledger/ruling.h"
#include "schemas/purchase_fields.h"

namespace sluice {

// A purchase as the rules see it.
struct PurchaseRequest {
  PurchaseFields fields;
  HashedKey key;
  HashedKey user;
  StockLine* line;  // of its SKU; null: there was none when it was read

  PurchaseRequest(const PurchaseFields& purchase, StockLine* of_sku)
      : fields(purchase),
        key(of_sku != nullptr ? of_sku->keys.of(purchase.user, purchase.request_key)
                              : purchase_fingerprint(purchase.user, purchase.sku, purchase.request_key)),
        user(user_fingerprint(purchase.user)),
        line(of_sku) {}
};

// Why this user may not have `quantity` units now; REASON_UNSPECIFIED if nothing is against it. REQUIRES: no slot is due.
v1::Reason refusal_of(const StockLine& line, const HashedKey& user, std::uint32_t quantity, UnixMillis log_time);

// `line`: of the purchase's SKU, with no slot due; null if the SKU is unknown. REQUIRES: the purchase is well formed and ours.
Verdict rule_purchase(const LedgerState& state, const StockLine* line, const Moment& moment, const PurchaseRequest& purchase);

// What an accepted purchase gets.
Reservation reservation_for(const StockLine& line, const Moment& moment, const PurchaseRequest& purchase);

}  // namespace sluice
