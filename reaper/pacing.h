// Pure: how often the ledger is asked about one thing. What was asked is a Due in the log; it is over when the ledger has ruled
// on it. Only when that did not bring what was asked for, or does not come, it is asked again, after pauses that grow.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "schemas/ids.h"

namespace sluice {

// In milliseconds of the reaper's clock.
struct PacingLimits {
  UnixMillis fruitless_min = 20;  // after the second Due in a row that changed nothing; doubled each time …
  UnixMillis answer_min = 1'000;  // for the ruling on a Due; doubled each time that none came …
  UnixMillis pause_max = 30'000;  // … both up to this
};

class Pacing {
 public:
  explicit Pacing(const PacingLimits& limits) : limits_(limits) {}

  // How many Dues are on their way at `now`, with rulings seen up to the intent before `next`. Those that nobody answered for
  // too long count no longer: the log may have lost them.
  int on_their_way(Offset next, UnixMillis now);

  // Whether not to ask now. A pause longer than any is one that began before the clock was set back.
  bool pauses(UnixMillis now) const { return now < not_before_ && not_before_ - now <= limits_.pause_max; }
  void pause_until(UnixMillis then) { not_before_ = then; }

  void asked(std::uint64_t id, UnixMillis now);

  // The Due stands at `offset` of `intents`; nothing: it was not written, or nobody knows. No effect on other Dues.
  void written(std::uint64_t id, std::optional<Offset> offset, UnixMillis now);

  // Something that was asked for has happened.
  void has_effect();

 private:
  struct Asked {
    std::uint64_t id;
    std::optional<Offset> offset;
  };

  PacingLimits limits_;
  std::vector<Asked> asked_;
  UnixMillis asked_at_ = 0;    // the last one
  UnixMillis not_before_ = 0;  // of the reaper's clock
  int fruitless_ = 0;          // rulings in a row without effect
  int unanswered_ = 0;         // time-outs in a row
};

}  // namespace sluice
