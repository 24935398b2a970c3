// Pure: the rules of running a sale: defining and amending it, changing its stock, freezing it.
#pragma once

#include "ledger/ledger_state.h"
#include "ledger/ruling.h"
#include "schemas/intent.pb.h"

namespace sluice {

// In all of these: `line` is the line of the intent's SKU with no slot due, null if there is none yet. REQUIRES: the intent is
// well formed and ours.

// Also opens the slots that are due by the new definition.
void rule_define_sale(const LedgerState& state, const StockLine* line, const Moment& moment, const v1::DefineSale& sale,
                      Ruling& ruling);
void rule_adjust_stock(const LedgerState& state, const StockLine* line, const v1::AdjustStock& adjust, Ruling& ruling);
void rule_freeze(const LedgerState& state, const StockLine* line, const v1::Freeze& freeze, Ruling& ruling);

}  // namespace sluice
