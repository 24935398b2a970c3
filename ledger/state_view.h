// Pure: port to the shared view (Redis) of what the ledger has committed. The view may lag and can always be rebuilt; nobody
// decides by it, so publishing never waits and never fails.
#pragma once

#include <vector>

#include "schemas/ids.h"
#include "schemas/intent.pb.h"
#include "schemas/order_record.pb.h"

namespace sluice {

// The whole row of one SKU after the intent at `version`.
struct StockSnapshot {
  Position version;
  v1::DefineSale sale;
  v1::Counters counters;
  int opened_slots = 0;  // sale.slots(0 .. opened_slots-1) are open or over
  bool frozen = false;
};

struct OrderSnapshot {
  Position version;
  v1::Order order;
  UnixMillis changed = 0;   // log time at `version`
  UnixMillis recorded = 0;  // the record's append time, or a moment shortly before it; 0: not known any more
};

// A purchase that repeated an earlier one, whose order its ticket stands for.
struct AliasSnapshot {
  Ticket duplicate;
  std::uint64_t order = 0;
  UnixMillis deadline = 0;  // that an order would have which was made instead

  Position version() const { return duplicate.position(); }
};

struct PaymentSnapshot {
  Position version;
  v1::Payment payment;
};

// What one committed batch changed; the last state of each SKU, order and payment.
struct ViewChanges {
  std::vector<StockSnapshot> stocks;
  std::vector<OrderSnapshot> orders;
  std::vector<AliasSnapshot> aliases;
  std::vector<PaymentSnapshot> payments;
  Position next;            // everything before it is contained in what was published so far
  UnixMillis log_time = 0;  // at `next`
  // Every repetition of an accepted purchase from here on has its alias; of earlier ones nobody can tell.
  Position aliases_whole_from;
  // False: the view did not keep up when the batch began, so that what it changed (but for the stocks) was not gathered and is
  // only in the store.
  bool complete = true;
};

class StateView {
 public:
  virtual ~StateView() = default;

  // Whether a publish now would be taken. A view that is behind says no, and later reads what it missed from the store.
  virtual bool keeps_up() const = 0;
  // Called for every batch, in order, after the store has written it: what the view reads from the store and what it is handed
  // then leave nothing out.
  virtual void publish(ViewChanges changes) = 0;
  // The log has what the lane's store says: from now on the view may show it, and not before. What another log's store says
  // would stay for good, since newer rows win. Called any number of times.
  virtual void trust_store() = 0;
};

}  // namespace sluice
