// Adapter (librdkafka): the bare loop over all partitions at once, with one reader and one producer, to see whether that is
// faster than a loop for each. The ledger could not work so: a transaction of one lane must touch no other's partition.
#pragma once

#include <cstdint>
#include <functional>

#include "runtime/result.h"
#include "tests/bench/bare_loop.h"

namespace sluice::bench {

// What is in `intents` now, of all partitions. Calls `ready` when it could begin.
Result<void> drain_at_once(const BareLoopSettings& settings, int partitions, const std::function<void()>& ready);

}  // namespace sluice::bench
