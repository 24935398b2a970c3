#include "kafka/idempotent_producer.h"

#include <array>
#include <utility>

#include "kafka/client.h"
#include "kafka/events.h"

namespace sluice::kafka {

Delivery delivery_of(const rd_kafka_message_t& report) {
  Delivery delivery;
  delivery.tag = reinterpret_cast<std::uintptr_t>(report._private);
  delivery.partition = report.partition;
  if (report.err == RD_KAFKA_RESP_ERR_NO_ERROR) {
    if (report.offset >= 0) {
      delivery.end = Delivery::End::kAcknowledged;
      delivery.offset = report.offset;
    } else {
      // The broker recognised a batch that it had written before, and does not say where.
      delivery.error = "acknowledged as a duplicate, without an offset";
    }
    return delivery;
  }
  delivery.error = rd_kafka_err2name(report.err);
  if (rd_kafka_message_status(&report) == RD_KAFKA_MSG_STATUS_NOT_PERSISTED) delivery.end = Delivery::End::kNotWritten;
  return delivery;
}

Result<std::unique_ptr<IdempotentProducer>> IdempotentProducer::open(const ClientSettings& client_settings,
                                                                     const IdempotentProducerSettings& settings) {
  Configuration configuration(client_settings);
  configuration
      .set("enable.idempotence", "true")  // implies acks=all, endless retries within the time-out, and order per partition
      .set("linger.ms", settings.linger.count())
      .set("message.timeout.ms", settings.delivery_timeout.count())
      .set("retry.backoff.ms", 5)
      .set("partitioner", "murmur2_random")  // the Java client's
      .set("queue.buffering.max.messages", static_cast<std::int64_t>(settings.in_flight_max))
      .events(RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR);  // events in batches: callbacks cost a wake-up a message
  auto client = configuration.start(RD_KAFKA_PRODUCER);
  if (!client) return client.error();
  std::unique_ptr<IdempotentProducer> producer(new IdempotentProducer(std::move(*client), settings.in_flight_max));
  for (const std::string& name : settings.topics) {
    TopicHandle topic(rd_kafka_topic_new(producer->client_.get(), name.c_str(), nullptr));
    if (!topic) return Error::fatal(describe("topic " + name, rd_kafka_last_error()));
    producer->topics_.emplace(name, std::move(topic));
  }
  return producer;
}

IdempotentProducer::IdempotentProducer(ClientHandle client, std::size_t in_flight_max)
    : client_(std::move(client)), queue_(rd_kafka_queue_get_main(client_.get())), in_flight_max_(in_flight_max) {}

IdempotentProducer::~IdempotentProducer() = default;

Result<int> IdempotentProducer::partition_count(const std::string& topic, std::chrono::milliseconds timeout) const {
  return count_partitions(client_.get(), topic, timeout);
}

Result<void> IdempotentProducer::send(std::string_view topic, std::optional<std::int32_t> partition, std::string_view key,
                                      std::string_view payload, std::uint64_t tag) {
  const auto found = topics_.find(topic);
  CHECK(found != topics_.end());
  if (in_flight_.fetch_add(1, std::memory_order_relaxed) >= in_flight_max_) {
    in_flight_.fetch_sub(1, std::memory_order_relaxed);
    return Error::retryable("too many messages in flight to Kafka");
  }
  void* const opaque = reinterpret_cast<void*>(static_cast<std::uintptr_t>(tag));  // NOLINT(performance-no-int-to-ptr): C API
  const int failed = rd_kafka_produce(found->second.get(), partition.value_or(RD_KAFKA_PARTITION_UA), RD_KAFKA_MSG_F_COPY,
                                      const_cast<char*>(payload.data()), payload.size(), key.empty() ? nullptr : key.data(),
                                      key.size(), opaque);
  if (failed == 0) return {};
  in_flight_.fetch_sub(1, std::memory_order_relaxed);
  const auto code = rd_kafka_last_error();
  std::string text = describe("sending to " + std::string(topic), code);
  if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL) return Error::retryable(std::move(text));
  return Error::fatal(std::move(text));
}

Result<std::span<const Delivery>> IdempotentProducer::poll(std::chrono::milliseconds wait) {
  deliveries_.clear();
  const Event event(rd_kafka_queue_poll(queue_.get(), to_int(wait)));
  if (!event) return std::span<const Delivery>(deliveries_);
  if (auto fatal = fatal_error_of(client_.get(), event.get())) return *fatal;
  while (const rd_kafka_message_t* report = rd_kafka_event_message_next(event.get())) {
    deliveries_.push_back(delivery_of(*report));
  }
  in_flight_.fetch_sub(deliveries_.size(), std::memory_order_relaxed);
  return std::span<const Delivery>(deliveries_);
}

void IdempotentProducer::ring(int event_fd) { ring_on_arrival(queue_.get(), event_fd); }

}  // namespace sluice::kafka
