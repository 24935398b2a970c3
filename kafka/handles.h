// Adapter (librdkafka): owners of the library's handles, so that no other header needs the library's own.
#pragma once

#include <memory>

struct rd_kafka_s;
struct rd_kafka_queue_s;
struct rd_kafka_topic_s;

namespace sluice::kafka {

struct Destroy {
  void operator()(rd_kafka_s* client) const;
  void operator()(rd_kafka_queue_s* queue) const;
  void operator()(rd_kafka_topic_s* topic) const;
};

// A class that owns several declares the client first: queues and topics must be gone before it.
using ClientHandle = std::unique_ptr<rd_kafka_s, Destroy>;
using QueueHandle = std::unique_ptr<rd_kafka_queue_s, Destroy>;
using TopicHandle = std::unique_ptr<rd_kafka_topic_s, Destroy>;

}  // namespace sluice::kafka
