// Pure: what a request that was let in is for. It decides how the end of its intent is told.
#pragma once

#include <string>

#include "ingest/http.h"
#include "schemas/ids.h"

namespace sluice {

struct Purpose {
  enum class Kind {
    kRead,      // of a ticket: no intent
    kPurchase,  // told by its ticket, or by its verdict
    kCancel,    // told by the order as it stands afterwards
    kPayment,   // told by the log's acknowledgement alone
    kAdmin,     // told by its verdict
  };
  Kind kind = Kind::kRead;
  std::string user = {};        // whose order it is about; empty for kPayment and kAdmin, which are trusted
  Ticket order = {};            // kCancel: the order
  std::string payment_id = {};  // kPayment
};

// One request for an intent, or for its repetition while that is under way.
struct Asker {
  Exchange exchange;
  int wait_seconds;  // how long the answer may be held back
};

}  // namespace sluice
