#include "ingest/kafka_log.h"

#include <chrono>
#include <vector>

#include "kafka/topic_check.h"
#include "runtime/log.h"

namespace sluice {
namespace {

constexpr std::chrono::milliseconds kAskTimeout{3000};
constexpr std::chrono::milliseconds kAnswersWithin{1000};
constexpr std::chrono::milliseconds kPause{500};
constexpr const char* kClientName = "sluice-ingest";

// What schemas/topics.h asks of the two topics, under the names that they have here.
std::vector<TopicSetting> required_settings(const IngestSettings& settings) {
  std::vector<TopicSetting> required;
  for (TopicSetting setting : kRequiredTopicSettings) {
    if (setting.topic == kIntentsTopic) setting.topic = settings.intents_topic;
    if (setting.topic == kOrdersTopic) setting.topic = settings.orders_topic;
    required.push_back(setting);
  }
  return required;
}

Result<KafkaLog> try_to_open(const IngestSettings& settings, const Doorbell& bell) {
  const kafka::ClientSettings client{.brokers = settings.brokers, .name = kClientName};
  auto admin = kafka::TopicAdmin::open(client, kAskTimeout);
  if (!admin) return admin.error();
  if (auto checked = kafka::check_topics(**admin, settings.partitions, required_settings(settings)); !checked) {
    return checked.error();
  }
  auto appends = KafkaAppends::open(client,
                                    {.topic = settings.intents_topic,
                                     .append_timeout = std::chrono::milliseconds(settings.append_timeout_ms),
                                     .in_flight_max = settings.in_flight_max + settings.reserved_in_flight},
                                    bell.descriptor());
  if (!appends) return appends.error();
  // The first append to a topic waits for its metadata: ask now.
  if (auto asked = (*appends)->partitions(kAskTimeout); !asked) return asked.error();
  auto tail = KafkaTail::open(
      client, {.topic = settings.orders_topic, .partitions = settings.partitions, .look_back = settings.look_back},
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

Result<KafkaLog> open_log(const IngestSettings& settings, const Doorbell& bell, const StopSignal& stop) {
  bool said = false;
  while (!stop.requested()) {
    Result<KafkaLog> opened = try_to_open(settings, bell);
    if (opened.ok() || opened.error().kind != Error::Kind::kRetryable) return opened;
    if (!said) log_warning("waiting for Kafka at {}: {}", settings.brokers, opened.error().message);
    said = true;
    stop.wait_for(kPause);
  }
  return KafkaLog{};
}

}  // namespace sluice
