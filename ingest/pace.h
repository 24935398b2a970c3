// Pure: how fast a partition's ledger decides, to tell a waiting buyer when it will be their turn.
#pragma once

#include <optional>

#include "schemas/ids.h"

namespace sluice {

// The rate is measured only while intents are known to wait: an idle ledger is not a slow one.
class Pace {
 public:
  // An intent at `offset` has been acknowledged.
  void appended(Offset offset);

  // The ledger has decided everything before `next`. Call it also when nothing has changed, at least every second: a ledger
  // that stands still is slow.
  void decided(Offset next, UnixMillis now);

  // How many undecided intents are in front of the one at `offset`.
  Offset place(Offset offset) const { return offset > next_ ? offset - next_ : 0; }

  // Seconds until it is decided, or nothing if no rate is known.
  std::optional<double> eta_seconds(Offset offset) const;

 private:
  Offset end_ = 0;   // after the last intent that is known to be in the log
  Offset next_ = 0;  // the ledger's
  double rate_ = 0;  // decisions a second, smoothed; 0: not known
  Offset span_next_ = 0;
  UnixMillis span_began_ = 0;  // 0: no span of measurement is open
};

}  // namespace sluice
