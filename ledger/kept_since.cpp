#include "ledger/kept_since.h"

#include "runtime/check.h"

namespace sluice {

void KeptSince::forget() {
  marks_.clear();
  last_.reset();
}

void KeptSince::note(Position place, UnixMillis log_time) {
  // Nothing was before the first one: it speaks of all that there is.
  const Mark mark{last_ ? place : Position::at(generation_, 0), log_time};
  if (marks_.empty() || log_time >= marks_.back().log_time + lease() / 8) marks_.push_back(mark);
  last_ = mark;
}

std::optional<KeptSince::Promise> KeptSince::promise(UnixMillis now) {
  CHECK(last_.has_value());
  while (!marks_.empty() && marks_.front().log_time + keep_ < now + lease()) marks_.pop_front();
  const Mark& from = marks_.empty() ? *last_ : marks_.front();
  if (from.log_time + keep_ <= now) return std::nullopt;
  return Promise{from.place, from.log_time, from.log_time + keep_};
}

}  // namespace sluice
