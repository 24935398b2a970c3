#include "tests/bench/drain.h"

#include <sys/resource.h>

#include <optional>

#include "kafka/transactional_producer.h"
#include "ledger/kafka_intent_log.h"
#include "ledger/kafka_order_log.h"
#include "ledger/kafka_order_writer.h"
#include "ledger/lane.h"
#include "ledger/overlapped_store.h"
#include "ledger/rocks_store.h"
#include "runtime/clock.h"
#include "tests/bench/no_view.h"
#include "tests/bench/preload.h"

namespace sluice::bench {
namespace {

constexpr std::chrono::milliseconds kWait{100};
constexpr double kNanos = 1e9;
constexpr double kMicros = 1e6;

double cpu_seconds(int who) {
  rusage usage{};
  getrusage(who, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / kMicros;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// From its making to stop().
class Measurement {
 public:
  void stop(Drained& drained) const {
    drained.seconds = static_cast<double>(steady_nanos() - begun_ns_) / kNanos;
    drained.cpu_seconds = cpu_seconds(RUSAGE_SELF) - process_cpu_;
    drained.loop_cpu_seconds = cpu_seconds(RUSAGE_THREAD) - thread_cpu_;
  }

 private:
  std::int64_t begun_ns_ = steady_nanos();
  double process_cpu_ = cpu_seconds(RUSAGE_SELF);
  double thread_cpu_ = cpu_seconds(RUSAGE_THREAD);
};

Result<void> write_batch(kafka::TransactionalProducer& producer, const std::string& sku, const std::string& record,
                         std::size_t count, Times& times) {
  if (auto begun = producer.begin(); !begun) return begun;
  {
    const Stopwatch watch(times, Step::kAppend);
    for (std::size_t i = 0; i < count; ++i) {
      if (auto produced = producer.produce(sku, record); !produced) return produced;
    }
  }
  {
    const Stopwatch watch(times, Step::kFlush);
    if (auto flushed = producer.flush(); !flushed) return flushed;
  }
  ++times.transactions;
  times.records += static_cast<std::int64_t>(count);
  times.record_bytes += static_cast<std::int64_t>(count * record.size());
  const Stopwatch watch(times, Step::kCommit);
  return producer.commit();
}

}  // namespace

Result<Drained> drain_bare(const DrainSettings& settings, std::int64_t record_bytes) {
  const auto producer = kafka::TransactionalProducer::open(
      settings.client, {.transactional_id = "limit-" + std::to_string(settings.partition.value),
                        .topic = kLimitTopic,
                        .partition = settings.partition.value});
  if (!producer) return producer.error();
  if (auto initialised = (*producer)->init(); !initialised) return initialised.error();
  const auto intents = KafkaIntentLog::open(settings.client, settings.partition);
  if (!intents) return intents.error();
  if (auto started = (*intents)->start_at(0); !started) return started.error();

  const std::string record(static_cast<std::size_t>(record_bytes), 'x');
  Drained drained;
  const Measurement measurement;
  for (std::int64_t done = 0; done < settings.intents;) {
    std::size_t count = 0;
    {
      const Stopwatch watch(drained.times, Step::kPoll);
      const auto polled = (*intents)->poll(settings.batch_intents_max, kWait);
      if (!polled) return polled.error();
      count = polled->size();
    }
    if (count == 0) continue;
    if (auto written = write_batch(**producer, settings.sku, record, count, drained.times); !written) return written.error();
    done += static_cast<std::int64_t>(count);
  }
  measurement.stop(drained);
  return drained;
}

Result<Drained> drain_with_lane(const DrainSettings& settings, const std::filesystem::path& directory) {
  const LedgerIdentity identity{settings.partition, {1}, settings.partition_count};
  auto rocks =
      RocksStore::open({.directory = directory}, {identity.generation, identity.partition, identity.partition_count});
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
  LaneSettings lane_settings;
  lane_settings.batch_intents_max = settings.batch_intents_max;
  Lane lane(identity, lane_settings, timed_intents, **orders, timed_writer, timed_store, view);
  while (!lane.running()) {
    if (auto stepped = lane.poll_once(unix_millis()); !stepped) return stepped.error();
  }
  drained.times = {};
  const Measurement measurement;
  while (lane.state().next < settings.intents) {
    if (auto stepped = lane.poll_once(unix_millis()); !stepped) return stepped.error();
  }
  if (auto stored = store.get({}); !stored) return stored.error();  // waits until all of it is written
  measurement.stop(drained);
  return drained;
}

}  // namespace sluice::bench
