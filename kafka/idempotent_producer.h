// Adapter (librdkafka): appends messages, each at most once, and tells how each one ended.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kafka/client_settings.h"
#include "kafka/handles.h"
#include "runtime/result.h"

struct rd_kafka_message_s;

namespace sluice::kafka {

struct IdempotentProducerSettings {
  std::vector<std::string> topics;  // all that it will ever send to
  // After it, a message's end is told even if no broker answered.
  std::chrono::milliseconds delivery_timeout{5000};
  std::chrono::milliseconds linger{1};  // 0 is slower under load: every message its own request
  std::size_t in_flight_max = 100'000;
};

struct Delivery {
  enum class End {
    kAcknowledged,  // in the log, at `offset`, on all in-sync replicas
    kNotWritten,    // surely not in the log and never will be
    kUnknown,       // perhaps in the log, perhaps later: a time-out, or an acknowledgement that does not say where
  };
  std::uint64_t tag = 0;  // the sender's
  End end = End::kUnknown;
  std::int32_t partition = -1;  // -1: it was not given one yet
  std::int64_t offset = -1;     // only of kAcknowledged
  std::string error;            // empty only if kAcknowledged
};

// What one delivery report of the library means.
Delivery delivery_of(const rd_kafka_message_s& report);

// send() from any thread, poll() from one.
class IdempotentProducer {
 public:
  static Result<std::unique_ptr<IdempotentProducer>> open(const ClientSettings& client,
                                                          const IdempotentProducerSettings& settings);
  ~IdempotentProducer();
  IdempotentProducer(const IdempotentProducer&) = delete;
  IdempotentProducer& operator=(const IdempotentProducer&) = delete;

  // The number of partitions of a topic, asked of the broker. Call it for every topic at start: the first message to a topic
  // would otherwise wait for this.
  Result<int> partition_count(const std::string& topic, std::chrono::milliseconds timeout) const;

  // Hands a copy over; never waits. Without `partition`, the key's murmur2 decides, as in the Java client; without a key too,
  // any. Fails as retryable when `in_flight_max` is reached, and the message is surely not written.
  // REQUIRES: the topic is one of the settings'.
  Result<void> send(std::string_view topic, std::optional<std::int32_t> partition, std::string_view key,
                    std::string_view payload, std::uint64_t tag);

  // How messages ended, in batches; waits up to `wait` for the first. Valid until the next poll(). Every message that send()
  // took is told exactly once, unless the error is fatal: then this producer is of no more use, and the end of everything in
  // flight is unknown.
  Result<std::span<const Delivery>> poll(std::chrono::milliseconds wait);

  // From now on `event_fd` (of eventfd(2), owned by the caller, who outlives this) is counted up when poll() finds something
  // after it has found nothing: for a loop that waits for several things at once.
  void ring(int event_fd);

  std::size_t in_flight() const { return in_flight_.load(std::memory_order_relaxed); }

 private:
  IdempotentProducer(ClientHandle client, std::size_t in_flight_max);

  ClientHandle client_;
  QueueHandle queue_;
  std::map<std::string, TopicHandle, std::less<>> topics_;
  std::size_t in_flight_max_;
  std::atomic<std::size_t> in_flight_{0};
  std::vector<Delivery> deliveries_;
};

}  // namespace sluice::kafka
