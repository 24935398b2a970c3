#include "reaper/metrics.h"

#include "runtime/run_loop.h"

namespace sluice {

ReaperMetrics::ReaperMetrics(Metrics& all)
    : records(all.counter("sluice_reaper_records_total", "Records of orders that were read")),
      dues(all.counter("sluice_reaper_dues_total", "Dues that were proposed to the ledger")),
      dues_lost(all.counter("sluice_reaper_dues_lost_total", "Dues that were not written, or of which nobody knows")),
      marks_kept(all.counter("sluice_reaper_marks_kept_total", "How often the place was kept from which a restart reads")),
      partitions(all.gauge("sluice_reaper_partitions_running", "Partitions that this reaper watches")),
      held_orders(all.gauge("sluice_reaper_held_orders", "Orders that are held in these partitions")),
      overdue_seconds(all.gauge("sluice_reaper_overdue_seconds", "For how long the oldest hold or slot has been due")),
      release_delay_seconds(all.histogram("sluice_reaper_release_delay_seconds",
                                          "From the end of an order's time to pay until its release was in orders",
                                          latency_bounds_seconds())),
      opening_delay_seconds(all.histogram("sluice_reaper_opening_delay_seconds",
                                          "From a slot's time until its opening was in orders", latency_bounds_seconds())) {}

void register_reaper_metrics(Metrics& all) {
  LoopMetrics(all, "reaper", "orders");
  ReaperMetrics{all};
}

}  // namespace sluice
