#include "tests/bench/drain.h"

#include <optional>

#include "ledger/background_thread.h"
#include "ledger/kafka_intent_log.h"
#include "ledger/kafka_order_log.h"
#include "ledger/kafka_order_writer.h"
#include "ledger/lane.h"
#include "ledger/overlapped_store.h"
#include "ledger/rocks_store.h"
#include "runtime/clock.h"
#include "tests/bench/bare_loop.h"
#include "tests/bench/no_view.h"
#include "tests/bench/own_cost.h"

namespace sluice::bench {
namespace {

constexpr double kNanos = 1e9;

// From its making to stop().
class Measurement {
 public:
  void stop(Drained& drained) const {
    drained.seconds = static_cast<double>(steady_nanos() - begun_ns_) / kNanos;
    drained.cpu_seconds = own_cost().cpu_seconds - process_cpu_;
    drained.loop_cpu_seconds = thread_cpu_seconds() - thread_cpu_;
  }

 private:
  std::int64_t begun_ns_ = steady_nanos();
  double process_cpu_ = own_cost().cpu_seconds;
  double thread_cpu_ = thread_cpu_seconds();
};

}  // namespace

Result<Drained> drain_bare(const DrainSettings& settings, std::int64_t record_bytes) {
  const auto loop =
      BareLoop::open({settings.client, settings.partition, settings.sku, record_bytes, settings.batch_intents_max});
  if (!loop) return loop.error();
  Drained drained;
  const Measurement measurement;
  if (auto done = (*loop)->drain(settings.intents, drained.times); !done) return done.error();
  measurement.stop(drained);
  return drained;
}

Result<Drained> drain_with_lane(const DrainSettings& settings, const std::filesystem::path& directory) {
  const LedgerIdentity identity{settings.partition, {1}, settings.partition_count};
  auto rocks = RocksStore::open({.directory = directory}, {identity.generation, identity.partition, identity.partition_count});
  if (!rocks) return rocks.error();
  OverlappedStore store(std::move(*rocks));
  const auto writer = KafkaOrderWriter::open(settings.client, "spike", settings.partition);
  if (!writer) return writer.error();
  const auto orders = KafkaOrderLog::open(settings.client, settings.partition);
  if (!orders) return orders.error();
  const auto intents = KafkaIntentLog::open(settings.client, settings.partition);
  if (!intents) return intents.error();

  Drained drained;
  TimedStore timed_store(store, drained.times);
  TimedOrderWriter timed_writer(**writer, drained.times);
  TimedIntentLog timed_intents(**intents, drained.times);
  NoView view;
  BackgroundThread thread;
  TimedBackground background(thread, drained.times);
  Lane lane(identity, {}, timed_intents, **orders, timed_writer, timed_store, view, background);
  while (!lane.running()) {
    if (auto stepped = lane.poll_once(unix_millis()); !stepped) return stepped.error();
  }
  drained.times = {};
  const Measurement measurement;
  while (lane.committed() < settings.intents) {
    if (auto stepped = lane.poll_once(unix_millis()); !stepped) return stepped.error();
  }
  if (auto stored = store.get({}); !stored) return stored.error();  // waits until all of it is written
  measurement.stop(drained);
  return drained;
}

}  // namespace sluice::bench
