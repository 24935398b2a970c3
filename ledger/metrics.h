// Shell: what the ledger counts.
#pragma once

#include "runtime/metrics.h"
#include "schemas/ids.h"

namespace sluice {

// Of one partition's lane.
struct LaneMetrics {
  LaneMetrics(Metrics& metrics, Partition partition);

  Gauge& running;            // 1: decides intents; 0: starts, or somebody else has the partition
  Gauge& failed;             // 1: decides nothing, and a person may have to look
  Gauge& next_offset;        // of the next intent to decide
  Counter& intents;          // decided and committed
  Counter& starts;           // of the lane, the first one too
  Gauge& call_seconds;       // that the transactional call under way has lasted
  Counter& fences;           // somebody else took the partition over
  Histogram& batch_seconds;  // from the first look for intents to the store, for batches that had some
};

// Local stores that were set aside, to be built again from `orders`, by why.
struct RebuildMetrics {
  RebuildMetrics(Metrics& metrics, Partition partition);

  Counter& damaged;
  Counter& other;
  Counter& aborted;
};

// Of the disk with the local stores.
struct DiskMetrics {
  explicit DiskMetrics(Metrics& metrics);

  Gauge& free_bytes;
  Gauge& full;  // 1: the lanes stand still until there is room
};

// Of the shared view, as this process writes it to Redis.
struct ViewMetrics {
  explicit ViewMetrics(Metrics& metrics);

  Gauge& connected;
  Gauge& eviction_safe;
  Counter& rows_written;
  Counter& rows_not_newer;
  Counter& rereads;
};

// Of one partition's part of the shared view.
struct ViewLaneMetrics {
  ViewLaneMetrics(Metrics& metrics, Partition partition);

  Gauge& follows;
  Gauge& next_offset;
};

// All that a ledger has when it runs, for --describe-metrics.
void register_ledger_metrics(Metrics& metrics);

}  // namespace sluice
