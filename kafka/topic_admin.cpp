#include "kafka/topic_admin.h"

#include <array>
#include <utility>

#include "kafka/client.h"
#include "kafka/events.h"

namespace sluice::kafka {
namespace {

struct DestroyRequest {
  void operator()(rd_kafka_AdminOptions_t* options) const { rd_kafka_AdminOptions_destroy(options); }
  void operator()(rd_kafka_NewTopic_t* topic) const { rd_kafka_NewTopic_destroy(topic); }
  void operator()(rd_kafka_ConfigResource_t* resource) const { rd_kafka_ConfigResource_destroy(resource); }
};
template <typename T>
using Request = std::unique_ptr<T, DestroyRequest>;

Request<rd_kafka_AdminOptions_t> options(rd_kafka_t* client, rd_kafka_admin_op_t operation, std::chrono::milliseconds timeout) {
  Request<rd_kafka_AdminOptions_t> options(rd_kafka_AdminOptions_new(client, operation));
  rd_kafka_AdminOptions_set_request_timeout(options.get(), to_int(timeout), nullptr, 0);
  return options;
}

// The answer to one request; the library itself keeps to the time-out of its options.
Result<Event> answer(rd_kafka_queue_t* queue, std::string_view what, std::chrono::milliseconds timeout) {
  Event event(rd_kafka_queue_poll(queue, 2 * to_int(timeout)));
  if (!event) return Error::retryable(std::string(what) + ": no answer from the brokers");
  const auto code = rd_kafka_event_error(event.get());
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return Error::retryable(describe(what, code, rd_kafka_event_error_string(event.get())));
  }
  return event;
}

}  // namespace

Result<std::unique_ptr<TopicAdmin>> TopicAdmin::open(const ClientSettings& settings, std::chrono::milliseconds timeout) {
  auto client = Configuration(settings).start(RD_KAFKA_PRODUCER);
  if (!client) return client.error();
  QueueHandle queue(rd_kafka_queue_new(client->get()));
  return std::unique_ptr<TopicAdmin>(new TopicAdmin(std::move(*client), std::move(queue), timeout));
}

TopicAdmin::TopicAdmin(ClientHandle client, QueueHandle queue, std::chrono::milliseconds timeout)
    : client_(std::move(client)), queue_(std::move(queue)), timeout_(timeout) {}

Result<bool> TopicAdmin::create(const NewTopic& topic) {
  std::array<char, 512> text{};
  const Request<rd_kafka_NewTopic_t> request(
      rd_kafka_NewTopic_new(topic.name.c_str(), topic.partitions, topic.replication, text.data(), text.size()));
  if (!request) return Error::fatal("topic " + topic.name + ": " + text.data());
  for (const auto& [name, value] : topic.settings) rd_kafka_NewTopic_set_config(request.get(), name.c_str(), value.c_str());
  const auto limits = options(client_.get(), RD_KAFKA_ADMIN_OP_CREATETOPICS, timeout_);
  rd_kafka_NewTopic_t* requests[] = {request.get()};
  rd_kafka_CreateTopics(client_.get(), requests, 1, limits.get(), queue_.get());

  const std::string what = "creating topic " + topic.name;
  const auto event = answer(queue_.get(), what, timeout_);
  if (!event) return event.error();
  std::size_t count = 0;
  const auto* topics = rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event->get()), &count);
  CHECK(count == 1);
  const auto code = rd_kafka_topic_result_error(topics[0]);
  if (code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) return false;
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return Error::fatal(describe(what, code, rd_kafka_topic_result_error_string(topics[0])));
  }
  return true;
}

Result<std::optional<int>> TopicAdmin::partition_count(const std::string& topic) {
  return find_partitions(client_.get(), topic, timeout_);
}

Result<int> TopicAdmin::copies_of(const std::string& topic) { return fewest_copies(client_.get(), topic, timeout_); }

Result<std::map<std::string, std::string>> TopicAdmin::settings_of(const std::string& topic) {
  const Request<rd_kafka_ConfigResource_t> request(rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str()));
  const auto limits = options(client_.get(), RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, timeout_);
  rd_kafka_ConfigResource_t* requests[] = {request.get()};
  rd_kafka_DescribeConfigs(client_.get(), requests, 1, limits.get(), queue_.get());

  const std::string what = "asking for the settings of topic " + topic;
  const auto event = answer(queue_.get(), what, timeout_);
  if (!event) return event.error();
  std::size_t count = 0;
  const auto* resources =
      rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(event->get()), &count);
  CHECK(count == 1);
  const auto code = rd_kafka_ConfigResource_error(resources[0]);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return Error::retryable(describe(what, code, rd_kafka_ConfigResource_error_string(resources[0])));
  }
  std::map<std::string, std::string> settings;
  const auto* entries = rd_kafka_ConfigResource_configs(resources[0], &count);
  for (std::size_t i = 0; i < count; ++i) {
    const char* value = rd_kafka_ConfigEntry_value(entries[i]);
    settings.emplace(rd_kafka_ConfigEntry_name(entries[i]), value != nullptr ? value : "");
  }
  return settings;
}

}  // namespace sluice::kafka
