#include "kafka/events.h"

#include <array>
#include <cstdint>

#include "kafka/client.h"

namespace sluice::kafka {

std::optional<Error> fatal_error_of(rd_kafka_t* client, rd_kafka_event_t* event) {
  if (rd_kafka_event_type(event) != RD_KAFKA_EVENT_ERROR) return std::nullopt;
  if (rd_kafka_event_error_is_fatal(event) == 0) return std::nullopt;
  std::array<char, 512> text{};
  const auto code = rd_kafka_fatal_error(client, text.data(), text.size());
  std::string line = describe(rd_kafka_name(client), code, text.data());
  return is_fenced(code) ? Error::fenced(std::move(line)) : Error::fatal(std::move(line));
}

void ring_on_arrival(rd_kafka_queue_t* queue, int event_fd) {
  const std::uint64_t one = 1;  // an eventfd takes exactly 8 bytes; the library keeps a copy
  rd_kafka_queue_io_event_enable(queue, event_fd, &one, sizeof one);
}

Result<std::optional<int>> find_partitions(rd_kafka_t* client, const std::string& topic, std::chrono::milliseconds timeout) {
  const TopicHandle handle(rd_kafka_topic_new(client, topic.c_str(), nullptr));
  const rd_kafka_metadata_t* metadata = nullptr;
  const auto code = rd_kafka_metadata(client, 0, handle.get(), &metadata, to_int(timeout));
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return Error::retryable(describe("asking about topic " + topic, code));
  const rd_kafka_metadata_topic_t& answer = metadata->topics[0];
  const auto topic_code = answer.err;
  const int count = answer.partition_cnt;
  rd_kafka_metadata_destroy(metadata);
  if (topic_code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) return std::optional<int>();
  if (topic_code != RD_KAFKA_RESP_ERR_NO_ERROR) return Error::retryable(describe("topic " + topic, topic_code));
  return std::optional<int>(count);
}

Result<int> count_partitions(rd_kafka_t* client, const std::string& topic, std::chrono::milliseconds timeout) {
  const auto found = find_partitions(client, topic, timeout);
  if (!found) return found.error();
  if (!found->has_value()) return Error::retryable("topic " + topic + " is missing");
  return **found;
}

}  // namespace sluice::kafka
