#include "kafka/events.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>

#include "kafka/client.h"

namespace sluice::kafka {
namespace {

// What `read` takes from the cluster's answer about the topic. Nothing: there is no such topic.
template <typename Read>
Result<std::optional<int>> ask_about(rd_kafka_t* client, const std::string& topic, std::chrono::milliseconds timeout,
                                     Read read) {
  const TopicHandle handle(rd_kafka_topic_new(client, topic.c_str(), nullptr));
  const rd_kafka_metadata_t* metadata = nullptr;
  const auto code = rd_kafka_metadata(client, 0, handle.get(), &metadata, to_int(timeout));
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return Error::retryable(describe("asking about topic " + topic, code));
  const rd_kafka_metadata_topic_t& answer = metadata->topics[0];
  const auto topic_code = answer.err;
  const int result = topic_code == RD_KAFKA_RESP_ERR_NO_ERROR ? read(answer) : 0;
  rd_kafka_metadata_destroy(metadata);
  if (topic_code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) return std::optional<int>();
  if (topic_code != RD_KAFKA_RESP_ERR_NO_ERROR) return Error::retryable(describe("topic " + topic, topic_code));
  return std::optional<int>(result);
}

Result<int> if_there(const Result<std::optional<int>>& answer, const std::string& topic) {
  if (!answer) return answer.error();
  if (!answer->has_value()) return Error::retryable("topic " + topic + " is missing");
  return **answer;
}

}  // namespace

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
  return ask_about(client, topic, timeout, [](const rd_kafka_metadata_topic_t& answer) { return answer.partition_cnt; });
}

Result<int> count_partitions(rd_kafka_t* client, const std::string& topic, std::chrono::milliseconds timeout) {
  return if_there(find_partitions(client, topic, timeout), topic);
}

Result<int> fewest_copies(rd_kafka_t* client, const std::string& topic, std::chrono::milliseconds timeout) {
  const auto fewest = [](const rd_kafka_metadata_topic_t& answer) {
    int copies = std::numeric_limits<int>::max();
    for (int i = 0; i < answer.partition_cnt; ++i) copies = std::min(copies, answer.partitions[i].replica_cnt);
    return copies;
  };
  return if_there(ask_about(client, topic, timeout, fewest), topic);
}

}  // namespace sluice::kafka
