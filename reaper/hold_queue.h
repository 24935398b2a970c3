// Pure: the held orders of one SKU that were given the same hold time, in the order of the log. With one hold time that is also
// the order of their deadlines and the order in which they ripen, so that nothing has to be sorted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

#include "schemas/ids.h"

namespace sluice {

struct Hold {
  std::uint64_t order = 0;
  UnixMillis deadline = 0;      // in log time; by it the ledger releases
  UnixMillis ripe = 0;          // when its buyer's time to pay is over: the record's append time + the hold
  std::int64_t log_offset = 0;  // of the record in `orders` that says that it is held
};

class HoldQueue {
 public:
  // False, and nothing is added: it does not come after the others, which no ledger writes.
  bool add(Hold hold);

  // The order is not held any more. Nothing if it is not here.
  std::optional<Hold> close(std::uint64_t order);

  bool contains(std::uint64_t order) const;
  std::size_t size() const { return live_; }
  // How many it has in memory, closed ones included.
  std::size_t kept() const { return holds_.size(); }
  // REQUIRES: not empty.
  const Hold& oldest() const { return holds_.front(); }

  // When the last of the holds whose deadline is at or before `deadline` ripens; 0: there is none.
  UnixMillis all_ripe(UnixMillis deadline) const;

  // The first hold that is not ripe at `log_time`; null: all are.
  const Hold* first_unripe(UnixMillis log_time) const;

  // How many holds have a deadline at or before `through`, counted up to `most`.
  std::size_t count_through(UnixMillis through, std::size_t most) const;

 private:
  using Holds = std::deque<Hold>;

  static bool is_closed(const Hold& hold) { return hold.log_offset < 0; }
  Holds::const_iterator find(std::uint64_t order) const;

  Holds holds_;  // closed ones stay until they come to the front, or are more than the live ones; the front is live
  std::size_t live_ = 0;
};

}  // namespace sluice
