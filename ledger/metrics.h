// Shell: what the ledger counts.
#pragma once

#include "runtime/metrics.h"
#include "schemas/ids.h"

namespace sluice {

// Of one partition's lane.
struct LaneMetrics {
  LaneMetrics(Metrics& metrics, Partition partition);

  Gauge& running;            // 1: decides intents; 0: starts, or somebody else has the partition
  Gauge& next_offset;        // of the next intent to decide
  Counter& intents;          // decided and committed
  Counter& starts;           // of the lane, the first one too
  Counter& fences;           // somebody else took the partition over
  Histogram& batch_seconds;  // from the first look for intents to the store, for batches that had some
};

}  // namespace sluice
