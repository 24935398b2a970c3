// Pure: the one rule by which a reader of `orders` knows that it misses nothing and counts nothing twice (invariant I5).
#pragma once

#include "schemas/ids.h"
#include "schemas/order_record.pb.h"

namespace sluice {

class Coverage {
 public:
  enum class Ruling {
    kNew,   // continues exactly where the last one ended; taken
    kSeen,  // lies wholly before; drop it
    kGap,   // starts later, overlaps the edge, or no partition has such offsets: not the log that was read before; stop
  };

  // `next`: the offset of the first intent whose ruling has not been read yet.
  explicit Coverage(Offset next) : next_(next) {}

  // Rules on a record, and moves on if it is new.
  Ruling take(const v1::OrderRecord& record) {
    const auto first = static_cast<Offset>(record.first_offset());
    const auto last = static_cast<Offset>(record.last_offset());
    if (first < 0 || last < first || last > kOffsetMax) return Ruling::kGap;
    if (last < next_) return Ruling::kSeen;
    if (first != next_) return Ruling::kGap;
    next_ = last + 1;
    return Ruling::kNew;
  }

  Offset next() const { return next_; }

 private:
  Offset next_;
};

}  // namespace sluice
