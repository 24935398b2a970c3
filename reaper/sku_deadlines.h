// Pure: what of one SKU is still to come: its held orders and the slots that have not opened. Says when the ledger has to be
// asked, and up to which deadline it may release without taking anybody's time to pay.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <vector>

#include "reaper/hold_queue.h"
#include "reaper/read_mark.h"
#include "schemas/ids.h"
#include "schemas/order_record.pb.h"

namespace sluice {

inline constexpr UnixMillis kNever = std::numeric_limits<UnixMillis>::max();

class SkuDeadlines {
 public:
  // The sale is now this one, by the record at `at`. What was known of slots before does not count any more.
  void define(const v1::DefineSale& sale, const ReadMark& at);

  // An intent of this SKU was ruled on at `log_time`: by that every slot has opened whose time had come. Returns these times.
  std::vector<UnixMillis> open_slots(UnixMillis log_time);

  // The order is held, by a record that was appended at `append_time` and stands at `log_offset`. False: it does not come
  // after those that are known, which no ledger writes.
  bool hold(const v1::Order& order, UnixMillis append_time, std::int64_t log_offset);

  // The order is not held any more. What was known of it, if anything was.
  std::optional<Hold> close(const v1::Order& order);

  // The log time at which a Due can open a slot or release an order; kNever.
  UnixMillis due_at() const;

  struct Release {
    UnixMillis through = 0;  // everything with a deadline at or before it can go
    std::size_t orders = 0;  // how many that are, counted up to a bound
  };
  // What may be released when all intents up to `log_time` have been ruled on and seen: every order whose own time is over, up
  // to the first deadline of one whose time is not. Orders that are not known yet have later deadlines, since their purchases
  // come later in the log.
  Release release_at(UnixMillis log_time, std::size_t orders_max) const;

  std::size_t held() const;

  // The oldest record that a reader would have to see to know all this; nothing: none.
  std::optional<ReadMark> oldest_live() const;

 private:
  std::map<std::uint32_t, HoldQueue> queues_;  // by hold time in seconds; hardly ever more than one
  std::vector<UnixMillis> slot_edges_;         // when slots open that have not yet, ascending
  ReadMark definition_;
};

}  // namespace sluice
