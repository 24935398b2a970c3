#include "ingest/kafka_log.h"

#include <chrono>
#include <utility>

#include "kafka/topic_wait.h"
#include "schemas/ids.h"

namespace sluice {
namespace {

constexpr std::chrono::milliseconds kAskTimeout{3000};
constexpr std::chrono::milliseconds kAnswersWithin{1000};
constexpr const char* kClientName = "sluice-ingest";

Result<KafkaLog> try_to_open(const IngestSettings& settings, const kafka::ClientSettings& client, const Doorbell& bell) {
  auto appends = KafkaAppends::open(client,
                                    {.topic = settings.intents_topic,
                                     .append_timeout = std::chrono::milliseconds(settings.append_timeout_ms),
                                     .in_flight_max = settings.in_flight_max + settings.reserved_in_flight},
                                    bell.descriptor());
  if (!appends) return appends.error();
  // The first append to a topic waits for its metadata: ask now.
  if (auto asked = (*appends)->partitions(kAskTimeout); !asked) return asked.error();
  auto tail = KafkaTail::open(
      client, {.topic = settings.orders_topic, .partitions = settings.cluster.partitions, .look_back = settings.look_back},
      bell.descriptor());
  if (!tail) return tail.error();
  return KafkaLog{std::move(*appends), std::move(*tail)};
}

}  // namespace

std::string KafkaLog::problem() const {
  if (!tail->caught_up()) return "it is still reading orders";
  const auto asked = appends->partitions(kAnswersWithin);
  return asked ? std::string() : asked.error().message;
}

Result<KafkaLog> open_log(const IngestSettings& settings, const Doorbell& bell, RunLoop& loop) {
  const kafka::ClientSettings client{.brokers = settings.cluster.brokers, .name = kClientName};
  kafka::TopicWait topics(client, {{settings.intents_topic, kIntentsTopic, settings.cluster.partitions},
                                   {settings.orders_topic, kOrdersTopic, settings.cluster.partitions}});
  KafkaLog log;
  const auto done = loop.run_until_done([&](UnixMillis) -> Result<void> {
    if (auto there = topics.ask(); !there) return there;
    auto opened = try_to_open(settings, client, bell);
    if (!opened) return opened.error();
    log = std::move(*opened);
    return {};
  });
  if (!done) return done.error();
  return log;
}

}  // namespace sluice
