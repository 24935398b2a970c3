#include "tests/simulation/simulated_broker.h"

#include <algorithm>

namespace sluice::simulation {
namespace {

constexpr std::array<std::string_view, kHappeningCount> kHappeningNames = {
    "a repeated end of a transaction arrived late",
    "... and ended the next transaction early",
    "a request took effect after its sender had given up",
    "a request was lost",
    "a commit was acknowledged before readers saw it",
    "a reader saw an older end of the log",
    "a transaction expired",
    "a stranger's transaction held readers back",
    "decided intents were deleted",
    "a poll left an intent out",
    "a broker's clock ran ahead",
    "two owners at once",
    "the partition was assigned",
    "an owner was fenced out",
    "a store was lost",
    "a store went back to an older copy",
    "the shared view was lost",
    "the view fell behind",
    "a row reached the view after its process was gone",
    "a crash lost a store's last writes",
    "a write behind failed",
    "sinks and reapers were assigned anew",
    "nobody knew whether an intent was written",
    "a reaper's clock went wrong",
    "a lane refused intents without their end",
    "a lane refused intents without their beginning",
    "a lane refused intents with a gap",
    "a lane refused orders with a gap",
    "a sink refused orders with a gap",
    "a reaper refused orders with a gap",
    "an ingest refused orders with a gap",
    "a lane refused a store of another log",
    "a sink refused a database of another log"};

}  // namespace

std::string_view name_of(Happening happening) { return kHappeningNames[static_cast<std::size_t>(happening)]; }

std::int64_t CommittedReader::end() {
  const std::vector<std::int64_t>& ends = broker_.orders.past_stable_ends();
  const auto since = std::lower_bound(ends.begin(), ends.end(), seen_end_);
  if (broker_.calm || since == ends.end() || broker_.dice.chance(0.5)) return seen_end_ = broker_.orders.stable_end();
  seen_end_ = *(since + static_cast<std::ptrdiff_t>(broker_.dice.below(static_cast<std::size_t>(ends.end() - since))));
  if (seen_end_ < broker_.orders.stable_end()) ++broker_.happenings[Happening::kReaderLagged];
  return seen_end_;
}

}  // namespace sluice::simulation
