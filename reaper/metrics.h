// Shell: what the reaper counts.
#pragma once

#include "runtime/metrics.h"

namespace sluice {

struct ReaperMetrics {
  explicit ReaperMetrics(Metrics& all);

  Counter& records;
  Counter& dues;
  Counter& dues_lost;
  Counter& marks_kept;
  Gauge& partitions;
  Gauge& held_orders;
  Gauge& overdue_seconds;
  Histogram& release_delay_seconds;
  Histogram& opening_delay_seconds;
};

// All that a reaper has when it runs, for --describe-metrics.
void register_reaper_metrics(Metrics& all);

}  // namespace sluice
