// Pure: which rows of the store a batch of intents needs: the closed orders, aliases and payments that it names. Everything
// else that decides is in memory.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ledger/intent_log.h"
#include "ledger/ledger_state.h"
#include "ledger/ledger_store.h"
#include "runtime/result.h"
#include "schemas/intent.pb.h"

namespace sluice {

// Rows that `intents` name and `rows` does not have. Ask, fetch_rows, and ask again (an alias names an order, an order a
// payment) until nothing is missing.
std::vector<std::string> missing_rows(const LedgerState& state, std::span<const IntentMessage> intents, const WorkingSet& rows);

// The same for one intent, as far as can be said with the rows that are there.
void append_missing_rows(const LedgerState& state, const v1::Intent& intent, const WorkingSet& rows,
                         std::vector<std::string>& missing);

// Reads missing rows, all in few calls, and puts them where the rules look for them. An order's row is its own or, if it has
// none, what its chunk says: so an order that is still held is found, too.
Result<void> fetch_rows(LedgerStore& store, const std::vector<std::string>& missing, WorkingSet& rows);

// Puts the value of a missing row where the rules look for it; no value: the store has no such row. Fatal error: it cannot be
// read.
Result<void> add_row(WorkingSet& rows, const std::string& key, const std::optional<std::string>& value);

}  // namespace sluice
