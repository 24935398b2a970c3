#include "ledger/metrics.h"

#include <string>

namespace sluice {
namespace {

Labels of(Partition partition) { return {{"partition", std::to_string(partition.value)}}; }

}  // namespace

LaneMetrics::LaneMetrics(Metrics& metrics, Partition partition)
    : running(
          metrics.gauge("sluice_ledger_lane_running", "1 while this process decides the partition's intents", of(partition))),
      next_offset(metrics.gauge("sluice_ledger_next_offset", "Offset of the next intent to decide", of(partition))),
      intents(metrics.counter("sluice_ledger_intents_total", "Intents that this process decided and committed", of(partition))),
      starts(metrics.counter("sluice_ledger_lane_starts_total", "Starts of the lane", of(partition))),
      fences(metrics.counter("sluice_ledger_lane_fences_total", "Times that another process took the partition over",
                             of(partition))),
      batch_seconds(metrics.histogram("sluice_ledger_batch_seconds", "A duty cycle that decided intents",
                                      latency_bounds_seconds(), of(partition))) {}

}  // namespace sluice
