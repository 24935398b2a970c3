// Pure: the rules after the purchase: paying, cancelling, giving back what is due, and refunds. The first intent in the log
// wins, so paying and releasing cannot both happen to a hold.
#pragma once

#include "ledger/ledger_state.h"
#include "ledger/ruling.h"
#include "schemas/intent.pb.h"

namespace sluice {

struct OrderLookup {
  bool fetched = true;             // false: its row was not asked for, nothing can be said
  std::optional<v1::Order> order;  // absent: there is no such order
};

// The order with this id, or the one that it is an alias of.
OrderLookup find_order(const LedgerState& state, const WorkingSet& rows, std::uint64_t id);

// In all of these: `line` is the line of the order's SKU with no slot due (null without an order), `order` what find_order
// found. REQUIRES: the intent is well formed and ours, and `rows` has what it names (row_fetch.h).
void rule_pay(const WorkingSet& rows, const StockLine* line, const v1::Order* order, const Moment& moment, const v1::Pay& pay,
              Ruling& ruling);
void rule_cancel(const StockLine* line, const v1::Order* order, const v1::Cancel& cancel, Ruling& ruling);
void rule_refund(const LedgerState& state, const WorkingSet& rows, const StockLine* line, const v1::Order* order,
                 const v1::Refund& refund, Ruling& ruling);
void rule_refund_settled(const WorkingSet& rows, const v1::RefundSettled& settled, Ruling& ruling);

// Releases held orders of the line, oldest deadline first.
void rule_due(const LedgerState& state, const StockLine* line, const Moment& moment, const v1::Due& due, Ruling& ruling);

}  // namespace sluice
