// Adapter (librdkafka): events, and questions to the cluster that several classes of this folder ask.
#pragma once

#include <librdkafka/rdkafka.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "runtime/result.h"

namespace sluice::kafka {

struct DestroyEvent {
  void operator()(rd_kafka_event_t* event) const { rd_kafka_event_destroy(event); }
};
using Event = std::unique_ptr<rd_kafka_event_t, DestroyEvent>;

// The error after which `client` is of no more use, if `event` tells one. Other errors are news that the library deals with
// itself.
std::optional<Error> fatal_error_of(rd_kafka_t* client, rd_kafka_event_t* event);

// Counts up the eventfd whenever something arrives in the empty queue.
void ring_on_arrival(rd_kafka_queue_t* queue, int event_fd);

// Nothing: there is no such topic. Retryable if no broker answered.
Result<std::optional<int>> find_partitions(rd_kafka_t* client, const std::string& topic, std::chrono::milliseconds timeout);

// Retryable if no broker answered or the topic is not there (yet).
Result<int> count_partitions(rd_kafka_t* client, const std::string& topic, std::chrono::milliseconds timeout);

// Of the partition that has the fewest. The same errors.
Result<int> fewest_copies(rd_kafka_t* client, const std::string& topic, std::chrono::milliseconds timeout);

}  // namespace sluice::kafka
