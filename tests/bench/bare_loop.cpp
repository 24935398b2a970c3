#include "tests/bench/bare_loop.h"

#include <thread>
#include <utility>
#include <vector>

namespace sluice::bench {
namespace {

constexpr std::chrono::milliseconds kWait{100};
constexpr int kWaitsMax = 300;  // half a minute without an intent: they will not come

}  // namespace

Result<std::unique_ptr<BareLoop>> BareLoop::open(const BareLoopSettings& settings) {
  auto producer = kafka::TransactionalProducer::open(settings.client,
                                                     {.transactional_id = "limit-" + std::to_string(settings.partition.value),
                                                      .topic = kLimitTopic,
                                                      .partition = settings.partition.value});
  if (!producer) return producer.error();
  if (auto initialised = (*producer)->init(); !initialised) return initialised.error();
  auto intents = KafkaIntentLog::open(settings.client, settings.partition);
  if (!intents) return intents.error();
  return std::unique_ptr<BareLoop>(new BareLoop(settings, std::move(*producer), std::move(*intents)));
}

BareLoop::BareLoop(BareLoopSettings settings, std::unique_ptr<kafka::TransactionalProducer> producer,
                   std::unique_ptr<KafkaIntentLog> intents)
    : settings_(std::move(settings)),
      record_(static_cast<std::size_t>(settings_.record_bytes), 'x'),
      producer_(std::move(producer)),
      intents_(std::move(intents)) {}

Result<std::int64_t> BareLoop::backlog() {
  const auto range = intents_->range();
  if (!range) return range.error();
  return range->high;
}

Result<void> BareLoop::drain(std::int64_t intents, Times& times) {
  if (auto started = intents_->start_at(0); !started) return started;
  int waits = 0;
  for (std::int64_t done = 0; done < intents;) {
    std::size_t count = 0;
    {
      const Stopwatch watch(times, Step::kPoll);
      const auto polled = intents_->poll(settings_.batch_intents_max, kWait);
      if (!polled) return polled.error();
      count = polled->size();
    }
    waits = count == 0 ? waits + 1 : 0;
    if (waits == kWaitsMax) return Error::fatal("the bare loop has waited for half a minute for the rest of the intents");
    if (count == 0) continue;
    if (auto written = write(count, times); !written) return written;
    done += static_cast<std::int64_t>(count);
  }
  return {};
}

Result<void> BareLoop::write(std::size_t count, Times& times) {
  if (auto begun = producer_->begin(); !begun) return begun;
  {
    const Stopwatch watch(times, Step::kAppend);
    for (std::size_t i = 0; i < count; ++i) {
      if (auto produced = producer_->produce(settings_.key, record_); !produced) return produced;
    }
  }
  {
    const Stopwatch watch(times, Step::kFlush);
    if (auto flushed = producer_->flush(); !flushed) return flushed;
  }
  ++times.transactions;
  times.records += static_cast<std::int64_t>(count);
  times.record_bytes += static_cast<std::int64_t>(count * record_.size());
  const Stopwatch watch(times, Step::kCommit);
  return producer_->commit();
}

Result<void> drain_partitions(const BareLoopSettings& settings, int partitions, std::optional<std::int64_t> intents,
                              const std::function<void()>& ready) {
  struct Lane {
    std::unique_ptr<BareLoop> loop;
    std::int64_t intents = 0;
    Times times;
    Result<void> outcome;
  };
  std::vector<Lane> lanes(static_cast<std::size_t>(partitions));
  for (int i = 0; i < partitions; ++i) {
    Lane& lane = lanes[static_cast<std::size_t>(i)];
    BareLoopSettings own = settings;
    own.partition = {i};
    auto loop = BareLoop::open(own);
    if (!loop) return loop.error();
    lane.loop = std::move(*loop);
    const auto backlog = intents ? Result(*intents / partitions) : lane.loop->backlog();
    if (!backlog) return backlog.error();
    lane.intents = *backlog;
  }
  ready();
  std::vector<std::thread> threads;
  for (Lane& lane : lanes) threads.emplace_back([&lane] { lane.outcome = lane.loop->drain(lane.intents, lane.times); });
  for (std::thread& thread : threads) thread.join();
  for (Lane& lane : lanes) {
    if (!lane.outcome) return lane.outcome;
  }
  return {};
}

}  // namespace sluice::bench
