// Pure: the rules of buying: who gets a hold, who is refused and why, and what a repeated request gets.
#pragma once

#include "ledger/ledger_state.h"
#include "ledger/ruling.h"
#include "schemas/intent.pb.h"

namespace sluice {

// Why this user may not have `quantity` units now; REASON_UNSPECIFIED if nothing is against it. REQUIRES: no slot is due.
v1::Reason refusal_of(const StockLine& line, const Fingerprint& user, std::uint32_t quantity, UnixMillis log_time);

// `line`: of the purchase's SKU, with no slot due; null if the SKU is unknown. REQUIRES: the purchase is well formed and ours.
void rule_purchase(const LedgerState& state, WorkingSet& rows, const StockLine* line, const Moment& moment,
                   const v1::Purchase& purchase, Ruling& ruling);

}  // namespace sluice
