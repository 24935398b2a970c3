#include "tests/bench/probe.h"

#include <fmt/format.h>

#include "kafka/topic_reader.h"
#include "runtime/clock.h"
#include "schemas/order_record.pb.h"
#include "schemas/topics.h"
#include "tests/bench/intent_writer.h"

namespace sluice::bench {
namespace {

constexpr std::chrono::milliseconds kAnswer{10'000};
constexpr std::int64_t kPatienceNanos = 60LL * 1'000'000'000;

}  // namespace

Result<Probed> probe_verdict(const kafka::ClientSettings& client, const Crowd& crowd, const std::function<void()>& go) {
  const auto writer = IntentWriter::open(client);
  if (!writer) return writer.error();
  const auto reader = kafka::TopicReader::open(
      client, {.topic = std::string(kOrdersTopic), .fetch_bytes_min = 1, .fetch_wait = std::chrono::milliseconds(500)});
  if (!reader) return reader.error();
  const auto bounds = (*reader)->bounds(0, kAnswer);
  if (!bounds) return bounds.error();
  if (auto started = (*reader)->start_at(0, bounds->high); !started) return started.error();
  go();

  Buyers buyers(crowd);
  const Buyers::Wish wish = buyers.wish_of(crowd.first);
  if (auto appended = (*writer)->append(wish.sku, wish.intent); !appended) return appended.error();
  if (auto finished = (*writer)->finish(); !finished) return finished.error();
  Probed probed{.appended_ns = steady_nanos()};
  v1::OrderRecord record;
  while (steady_nanos() < probed.appended_ns + kPatienceNanos) {
    const auto batch = (*reader)->poll(1, std::chrono::milliseconds(500), {});
    if (!batch) return batch.error();
    probed.visible_ns = steady_nanos();
    for (const kafka::Message& message : batch->messages) {
      if (!record.ParseFromArray(message.payload.data(), static_cast<int>(message.payload.size())))
        return Error::fatal("orders holds bytes that are no record");
      if (static_cast<std::int64_t>(record.last_offset()) >= (*writer)->last_offset()) return probed;
    }
  }
  return Error::fatal("a purchase got no verdict within a minute");
}

std::string json_of(const Probed& probed) {
  return fmt::format("{{\"appended_ns\": {}, \"visible_ns\": {}}}", probed.appended_ns, probed.visible_ns);
}

}  // namespace sluice::bench
