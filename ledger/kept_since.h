// Pure: since when the shared view is whole although keys of closed orders end: which promise to make, and until when it holds.
//
// A key ends at the earliest `keep` after its order was created. So the promise "whole since log time T" is true until T +
// keep, and it is written to end by itself then: nobody need be there to take it back. Long before, it is replaced by a later
// one.
#pragma once

#include <deque>
#include <optional>

#include "schemas/ids.h"

namespace sluice {

class KeptSince {
 public:
  struct Promise {
    Position version;      // every order from here on has its key
    UnixMillis since = 0;  // none of them was created before
    UnixMillis until = 0;  // when the promise ends
    bool operator==(const Promise&) const = default;
  };

  KeptSince(Generation generation, UnixMillis keep) : generation_(generation), keep_(keep) {}

  // Begins anew. What is noted from now on begins with the first order that there is, or with a place before which there is
  // none.
  void forget();

  // Every order from `place` on was created at `log_time` or later. About in the order of the log.
  void note(Position place, UnixMillis log_time);

  // Whether a promise that ends at `until` is to be replaced at `now`.
  bool is_due(UnixMillis until, UnixMillis now) const { return until - now < lease() / 2; }

  // The one that reaches back farthest of those that last for a while; if there is none, of those that last at all: where
  // nothing has been asked for so long, there is nothing to promise. REQUIRES: something was noted.
  std::optional<Promise> promise(UnixMillis now);

 private:
  // How long a promise should last. What it costs: the view says so much less of the past than it knows.
  UnixMillis lease() const { return keep_ / 8; }

  struct Mark {
    Position place;
    UnixMillis log_time;
  };

  const Generation generation_;
  const UnixMillis keep_;
  std::deque<Mark> marks_;  // an eighth of a lease of log time apart, so that they are few
  std::optional<Mark> last_;
};

}  // namespace sluice
