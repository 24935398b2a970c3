// Shell: what the sink counts.
#pragma once

#include "runtime/metrics.h"
#include "schemas/ids.h"

namespace sluice {

struct SinkMetrics {
  explicit SinkMetrics(Metrics& all);

  Gauge& next_offset(Partition partition);

  Metrics& metrics;
  Counter& records;
  Counter& rows;
  Counter& transactions;
  Counter& fenced;
  Counter& dead_letters;
  Gauge& partitions;
  Histogram& record_age_seconds;
};

// All that a sink has when it runs, for --describe-metrics.
void register_sink_metrics(Metrics& all);

}  // namespace sluice
