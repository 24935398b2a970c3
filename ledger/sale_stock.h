// Pure: the stock of one SKU's sale: its terms, its slots and its counters. Units only ever move from one pile to another, so
// that defined = unopened + available + held + sold + withdrawn always holds (invariant I2) and no pile is ever negative (I1).
#pragma once

#include "schemas/ids.h"
#include "schemas/intent.pb.h"
#include "schemas/order_record.pb.h"

namespace sluice {

enum class Pile { kUnopened, kAvailable, kHeld, kSold, kWithdrawn };

// REQUIRES: `from` has as many units.
void move_units(v1::Counters& counters, Pile from, Pile to, std::int64_t units);

// New units that the definition of a sale or a restock brings in, or unopened ones that an amendment takes out (units < 0).
// REQUIRES: the pile does not become negative.
void define_units(v1::Counters& counters, Pile pile, std::int64_t units);

// Aborts when I1 or I2 do not hold: a wrong state must never be written.
void check_counters(const v1::Counters& counters);

struct SaleStock {
  v1::DefineSale sale;
  v1::Counters counters;
  int opened_slots = 0;  // slots 0 .. opened_slots-1 have opened; they are in order of time
  bool frozen = false;
  Position version;  // of the last change

  bool has_slot_due(UnixMillis log_time) const;

  // Moves the units of every slot that opens at or before `log_time` to what can be bought, and appends them to `opened`.
  void open_due_slots(UnixMillis log_time, google::protobuf::RepeatedPtrField<v1::SlotOpened>& opened);

  // Whether a slot is open at `log_time`. REQUIRES: no slot is due.
  bool is_on_sale(UnixMillis log_time) const;

  // Whether the last slot has closed.
  bool is_over(UnixMillis log_time) const;

  // The oversell rule.
  bool can_sell(std::uint32_t quantity) const { return counters.available() >= quantity; }
};

}  // namespace sluice
