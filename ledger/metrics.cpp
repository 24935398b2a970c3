#include "ledger/metrics.h"

#include <string>

#include "runtime/run_loop.h"

namespace sluice {
namespace {

Labels of(Partition partition) { return {{"partition", std::to_string(partition.value)}}; }

Counter& rebuilt(Metrics& metrics, Partition partition, const std::string& cause) {
  Labels labels = of(partition);
  labels["cause"] = cause;
  return metrics.counter("sluice_ledger_state_rebuilt_total",
                         "Local stores that were of no use, set aside and built again from orders", labels);
}

}  // namespace

LaneMetrics::LaneMetrics(Metrics& metrics, Partition partition)
    : running(
          metrics.gauge("sluice_ledger_lane_running", "1 while this process decides the partition's intents", of(partition))),
      failed(metrics.gauge("sluice_ledger_lane_failed",
                           "1 while the partition's lane has stopped and a person may have to look", of(partition))),
      next_offset(metrics.gauge("sluice_ledger_next_offset", "Offset of the next intent to decide", of(partition))),
      intents(metrics.counter("sluice_ledger_intents_total", "Intents that this process decided and committed", of(partition))),
      starts(metrics.counter("sluice_ledger_lane_starts_total", "Starts of the lane", of(partition))),
      call_seconds(metrics.gauge("sluice_ledger_lane_call_seconds",
                                 "How long the lane has been inside of the transactional call that is under way",
                                 of(partition))),
      fences(metrics.counter("sluice_ledger_lane_fences_total", "Times that another process took the partition over",
                             of(partition))),
      batch_seconds(metrics.histogram("sluice_ledger_batch_seconds", "A duty cycle that decided intents",
                                      latency_bounds_seconds(), of(partition))) {}

RebuildMetrics::RebuildMetrics(Metrics& metrics, Partition partition)
    : damaged(rebuilt(metrics, partition, "damaged")),
      other(rebuilt(metrics, partition, "other")),
      aborted(rebuilt(metrics, partition, "aborted")) {}

DiskMetrics::DiskMetrics(Metrics& metrics)
    : free_bytes(metrics.gauge("sluice_ledger_disk_free_bytes", "Free on the disk with the local stores")),
      full(metrics.gauge("sluice_ledger_disk_full", "1 while the lanes stand still because that disk is nearly full")) {}

ViewMetrics::ViewMetrics(Metrics& metrics)
    : connected(metrics.gauge("sluice_ledger_view_connected", "1 while this process has a connection to Redis")),
      eviction_safe(metrics.gauge("sluice_ledger_view_eviction_safe",
                                  "1 while Redis keeps to its promises when memory is short: maxmemory-policy noeviction")),
      rows_written(metrics.counter("sluice_ledger_view_rows_written_total", "Rows of the shared view written to Redis")),
      rows_not_newer(metrics.counter("sluice_ledger_view_rows_not_newer_total",
                                     "Rows that Redis already had at the same or a newer position")),
      rereads(metrics.counter("sluice_ledger_view_rereads_total", "Times that a lane's store was read again for Redis")) {}

ViewLaneMetrics::ViewLaneMetrics(Metrics& metrics, Partition partition)
    : follows(metrics.gauge("sluice_ledger_view_follows", "1 while Redis gets what the lane publishes, 0 while it is behind",
                            of(partition))),
      next_offset(metrics.gauge("sluice_ledger_view_next_offset",
                                "Intents before this offset are contained in what Redis shows", of(partition))) {}

void register_ledger_metrics(Metrics& metrics) {
  const Partition any{0};
  LoopMetrics(metrics, "ledger", "membership");
  LaneMetrics(metrics, any);
  RebuildMetrics(metrics, any);
  DiskMetrics{metrics};
  ViewMetrics{metrics};
  ViewLaneMetrics(metrics, any);
}

}  // namespace sluice
