// Pure: what the rules see of an intent besides its fields, and what they say about it.
#pragma once

#include <string>

#include "ledger/ledger_state.h"
#include "schemas/ids.h"
#include "schemas/order_record.pb.h"

namespace sluice {

struct Moment {
  Ticket ticket;
  UnixMillis log_time;
};

struct Ruling {
  v1::Change change;     // with the verdict; the rest of it counts only if `changed`
  bool changed = false;  // otherwise the verdict goes into a run of those that changed nothing
  std::string sku;       // of a purchase whose SKU has a sale, for that run; else empty

  // Keeps the messages inside `change` for the next ruling instead of freeing them, as Clear would.
  void clear() {
    change.clear_sku();
    change.clear_slots_opened();
    change.clear_orders();
    change.clear_payments();
    verdict().Clear();
    if (!change.has_reserved()) change.clear_event();
    changed = false;
    sku.clear();
  }

  v1::Verdict& verdict() { return *change.mutable_verdict(); }

  void refuse(v1::Reason reason) {
    verdict().set_outcome(v1::REFUSED);
    verdict().set_reason(reason);
  }

  // `reason`: the first one's, if it was refused.
  void duplicate(std::uint64_t first_ticket, v1::Reason reason = v1::REASON_UNSPECIFIED) {
    verdict().set_outcome(v1::DUPLICATE);
    verdict().set_duplicate_of(first_ticket);
    verdict().set_reason(reason);
  }

  // The caller goes on to say which event it is and what it changed.
  v1::Change& accept() {
    changed = true;
    change.clear_counters();
    verdict().set_outcome(v1::ACCEPTED);
    return change;
  }

  // Accepts an intent that changes the stock of `line`, whose counters the caller goes on to move.
  v1::Change& accept_on(const SaleStock& stock) {
    changed = true;
    verdict().set_outcome(v1::ACCEPTED);
    change.set_sku(stock.sale.sku());
    *change.mutable_counters() = stock.counters;
    return change;
  }

  void set_key(const Fingerprint& key, std::uint64_t content) {
    verdict().set_key_high(key.high);
    verdict().set_key_low(key.low);
    verdict().set_content(content);
  }
};

}  // namespace sluice
