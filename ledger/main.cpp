#include <chrono>

#include "ledger/crash_note.h"
#include "ledger/disk_watch.h"
#include "ledger/lanes.h"
#include "ledger/ledger_loop.h"
#include "ledger/metrics.h"
#include "ledger/production_ports.h"
#include "ledger/settings.h"
#include "runtime/admin_server.h"
#include "runtime/daemon.h"
#include "runtime/run_loop.h"

namespace sluice {
namespace {

constexpr std::chrono::seconds kHangs{60};
constexpr std::chrono::seconds kLongerThanSession{4};

Result<void> run(const LedgerSettings& settings, StopSignal& stop) {
  leave_crash_notes();
  Metrics metrics;
  RunLoop run_loop(metrics, stop, "ledger", "membership");
  const auto view_settings = redis_view_settings(settings);
  if (!view_settings) return view_settings.error();
  RedisView view(*view_settings, metrics);
  DiskWatch disk(settings.state_directory, settings.free_bytes_min(), metrics);
  Lanes lanes(
      {.generation = {settings.cluster.generation},
       .partition_count = settings.cluster.partitions,
       .lane = settings.lane(),
       .call_timeout = std::chrono::milliseconds(settings.call_timeout_ms)},
      [&](Partition partition) {
        return open_production_ports(settings, {view, disk, metrics}, partition);
      },
      metrics);
  LedgerLoop ledger({.client = kafka_client(settings),
                     .application = settings.application,
                     .instance = settings.instance,
                     .partition_count = settings.cluster.partitions,
                     .session = std::chrono::milliseconds(settings.session_ms),
                     .progress_timeout = std::chrono::milliseconds(settings.progress_timeout_ms),
                     .time_away = std::chrono::milliseconds(settings.session_ms) + kLongerThanSession},
                    lanes, stop);
  const auto admin = AdminServer::start(
      settings.admin, metrics, [&] { return run_loop.since_last_cycle() < kHangs ? "" : "the membership loop hangs"; },
      [&] {
        const auto room = disk.check();
        return room ? ledger.why_not_ready() : room.error().message;
      });
  if (!admin) return admin.error();
  Result<void> outcome = run_loop.run([&](UnixMillis now) -> Result<void> {
    if (const auto failure = view.failure()) return *failure;
    return ledger.poll_once(now);
  });
  ledger.end();
  return outcome;
}

}  // namespace
}  // namespace sluice

// jemalloc's, read when the process starts. Batches of records, and what the Kafka client reads ahead, come and go by the
// megabyte, and what went back to the kernel has to be cleared anew: so large pieces are kept like small ones, for a minute,
// and threads on the same CPU share them. Huge pages are left to the kernel's own setting: they save look-ups in the tables,
// but where a host takes back what its guest has freed each costs a millisecond to touch, which was a quarter of a drain.
extern "C" {
const char* malloc_conf = "oversize_threshold:0,dirty_decay_ms:60000,percpu_arena:percpu";
}

int main(int argc, char** argv) {
  return sluice::run_daemon<sluice::LedgerSettings>(
      {.program = {"sluice-ledger", SLUICE_VERSION, "Decides intents, one lane for each partition."},
       .register_metrics = sluice::register_ledger_metrics,
       .run = sluice::run},
      argc, argv);
}
