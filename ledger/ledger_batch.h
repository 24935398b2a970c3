// Pure: what deciding a batch of intents leads to: a plain value of effects. The order of the fields is the order of the
// effects.
#pragma once

#include "ledger/encoded_records.h"
#include "ledger/ledger_store.h"
#include "ledger/state_view.h"
#include "schemas/ids.h"

namespace sluice {

struct LedgerBatch {
  // 1. Appended to `orders` in one transaction, in this order, and committed. Until the commit has returned without an error
  // nothing
  //    below may happen; after any error the lane's memory is dropped, since only the log knows whether the commit took place.
  EncodedRecords records;

  // 2. Written to the local store in one atomic write, the position with the changes. A crash before it is made good by redo.
  RowWrites rows;

  // 3. Handed to the shared view, which may lag and never holds the lane up.
  ViewChanges view;

  int decided = 0;  // intents; the next batch begins after them
};

}  // namespace sluice
