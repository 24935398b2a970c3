// Pure: what ingest knows of the rulings of one partition: a bounded window of recent verdicts, the orders that changed lately,
// how far the ledger is and how fast it decides. Fed by the records of `orders`, in order.
//
// The window begins where its reader began, so that "not here" never means "not there": older tickets are asked of the shared
// view (Redis).
#pragma once

#include <absl/container/flat_hash_map.h>

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "ingest/order_view.h"
#include "ingest/pace.h"
#include "schemas/coverage.h"
#include "schemas/ids.h"
#include "schemas/order_record.pb.h"

namespace sluice {

struct VerdictBounds {
  std::size_t verdicts = 1 << 21;  // a power of two; 2 bytes each, allocated at start
  std::size_t orders = 1 << 16;    // about 200 bytes each
};

// A verdict as the window keeps it.
struct KeptVerdict {
  Ticket duplicate_of = {};  // 0 unless it is a duplicate
  v1::Outcome outcome = v1::OUTCOME_UNSPECIFIED;
  v1::Reason reason = v1::REASON_UNSPECIFIED;
  std::int64_t could_take = 0;  // with NOT_ENOUGH_AVAILABLE: units
};

class Verdicts {
 public:
  Verdicts(Generation generation, Partition partition, const VerdictBounds& bounds);

  // `appended`: the record's own append time. A gap changes nothing: the reader must stop.
  Coverage::Ruling take(const v1::OrderRecord& record, UnixMillis appended, UnixMillis now);

  enum class Known {
    kPending,  // not decided yet
    kDecided,  // `verdict` says how
    kOlder,    // decided before the window
  };
  struct Found {
    Known known = Known::kPending;
    KeptVerdict verdict;
  };
  // REQUIRES: the ticket is of this partition and generation.
  Found find(Ticket ticket) const;

  // The order as it stands, or null if it did not change lately. Unless it is `whole`, refunds from before may be missing.
  const OrderView* order(Ticket order) const;
  // What is known of the order: perhaps only refunds. Null: nothing.
  const OrderView* trace(Ticket order) const;

  // Offset of the first intent whose verdict is not known here.
  Offset next() const { return coverage_ ? coverage_->next() : 0; }

  Pace& pace() { return pace_; }
  const Pace& pace() const { return pace_; }

 private:
  // The window's cell of a verdict.
  struct Cell {
    std::uint8_t outcome;
    std::uint8_t reason;
  };

  void keep(Offset offset, const v1::Verdict& verdict);
  void keep_voided(Offset first);
  void keep(Position version, const v1::Order& order, UnixMillis appended);
  void keep(Position version, const v1::Payment& payment);
  OrderView& view_of(std::uint64_t order);
  void move_window();

  const Generation generation_;
  const Partition partition_;
  const VerdictBounds bounds_;
  std::optional<Coverage> coverage_;  // nothing until the first record
  Offset first_kept_ = 0;
  std::vector<Cell> window_;                        // the cell of an offset is offset mod size
  absl::flat_hash_map<Offset, KeptVerdict> whole_;  // the few in the window for which a cell is too small
  std::deque<Offset> whole_by_age_;
  absl::flat_hash_map<std::uint64_t, OrderView> orders_;
  std::deque<std::uint64_t> orders_by_age_;  // in the order in which they came into orders_
  Pace pace_;
};

}  // namespace sluice
