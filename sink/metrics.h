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

}  // namespace sluice
