#include "sink/metrics.h"

#include <string>

#include "runtime/run_loop.h"

namespace sluice {

SinkMetrics::SinkMetrics(Metrics& all)
    : metrics(all),
      records(all.counter("sluice_sink_records_total", "Records of orders that were stored")),
      rows(all.counter("sluice_sink_rows_total", "Rows that were inserted or updated")),
      transactions(all.counter("sluice_sink_transactions_total", "Transactions that were committed")),
      fenced(
          all.counter("sluice_sink_fenced_total", "Transactions that were rolled back because another sink had been faster")),
      dead_letters(all.counter("sluice_sink_dead_letters_total", "Rows that the database refused")),
      partitions(all.gauge("sluice_sink_partitions_running", "Partitions that this sink stores")),
      record_age_seconds(all.histogram("sluice_sink_record_age_seconds",
                                       "From the log time of the last record of a transaction until the sink had read it",
                                       latency_bounds_seconds())) {}

Gauge& SinkMetrics::next_offset(Partition partition) {
  return metrics.gauge("sluice_sink_next_offset", "The first intent whose ruling is not stored yet",
                       {{"partition", std::to_string(partition.value)}});
}

void register_sink_metrics(Metrics& all) {
  LoopMetrics(all, "sink", "orders");
  SinkMetrics(all).next_offset(Partition{0});
}

}  // namespace sluice
