// Pure: the code that changes a LedgerState, but for due slots and log time, which deciding moves first. Deciding and redoing
// both end here, so that a ledger that redid its log is in the state of one that decided it.
#pragma once

#include "ledger/effects.h"
#include "ledger/ledger_state.h"
#include "ledger/reservation.h"
#include "ledger/verdict.h"
#include "schemas/order_record.pb.h"

namespace sluice {

// A purchase that was accepted, at `version`. REQUIRES: as below; the line's due slots are open.
void apply_reservation(LedgerState& state, StockLine& line, Position version, const Reservation& order);

// An intent that changed something, at `log_time`. REQUIRES: it is the next one that `state` has not applied.
void apply_change(LedgerState& state, WorkingSet& rows, Ticket ticket, UnixMillis log_time, const v1::Change& change,
                  Effects& effects);

// One that changed nothing, but whose request key is remembered.
void apply_verdict(LedgerState& state, WorkingSet& rows, Ticket ticket, UnixMillis log_time, const Verdict& verdict,
                   Effects& effects);

// Only the part of a verdict that the window of refusals needs: all that is read again below the stored position.
void apply_to_window(LedgerState& state, Ticket ticket, UnixMillis log_time, const Verdict& verdict);

// An order of the line's present sale, as the store has it. Given in the order of their ids. False, and nothing changed: no
// ledger wrote this.
[[nodiscard]] bool restore_order(LedgerState& state, StockLine& line, const v1::Order& order, std::uint32_t aliases);

}  // namespace sluice
