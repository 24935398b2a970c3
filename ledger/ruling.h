// Pure: what the rules see of an intent besides its fields, and what they say about it.
#pragma once

#include "ledger/ledger_state.h"
#include "ledger/verdict.h"
#include "schemas/ids.h"
#include "schemas/order_record.pb.h"

namespace sluice {

struct Moment {
  Ticket ticket;
  UnixMillis log_time;
};

// On an intent that is no purchase; of a purchase there is a Reservation or a mere Verdict.
struct Ruling {
  Verdict verdict;
  v1::Change change;     // counts only if `changed`; takes the verdict at the end
  bool changed = false;  // otherwise the verdict goes into a run of those that changed nothing

  void clear() {
    verdict = {};
    change.Clear();
    changed = false;
  }

  void refuse(v1::Reason reason) { verdict.refuse(reason); }
  void duplicate(std::uint64_t first_ticket, v1::Reason reason = v1::REASON_UNSPECIFIED) {
    verdict.duplicate(first_ticket, reason);
  }
  void set_key(const Fingerprint& key, std::uint64_t content) { verdict.set_key(key, content); }

  // The caller goes on to say which event it is and what it changed.
  v1::Change& accept() {
    changed = true;
    verdict.outcome = v1::ACCEPTED;
    return change;
  }

  // Accepts an intent that changes the stock of `line`, whose counters the caller goes on to move.
  v1::Change& accept_on(const SaleStock& stock) {
    changed = true;
    verdict.outcome = v1::ACCEPTED;
    change.set_sku(stock.sale.sku());
    *change.mutable_counters() = stock.counters;
    return change;
  }
};

}  // namespace sluice
