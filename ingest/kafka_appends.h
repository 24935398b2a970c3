// Adapter (kafka/): appends intents with an idempotent producer.
#pragma once

#include <memory>
#include <string>

#include "ingest/ports.h"
#include "kafka/idempotent_producer.h"

namespace sluice {

class KafkaAppends final : public IntentAppends {
 public:
  struct Settings {
    std::string topic;
    std::chrono::milliseconds append_timeout{5000};  // after it, the end of an append is told as unknown
    std::size_t in_flight_max = 20'000;
  };
  // Rings `event_fd` when an append has ended.
  static Result<std::unique_ptr<KafkaAppends>> open(const kafka::ClientSettings& client, const Settings& settings,
                                                    int event_fd);

  bool append(Partition partition, std::string_view key, std::string_view intent, AppendId append) override;
  Result<void> ended(std::vector<AppendEnd>& into) override;

  // Asks the brokers; waits at most `timeout`. Any thread.
  Result<int> partitions(std::chrono::milliseconds timeout) const;

 private:
  KafkaAppends(std::string topic, std::unique_ptr<kafka::IdempotentProducer> producer)
      : topic_(std::move(topic)), producer_(std::move(producer)) {}

  const std::string topic_;
  const std::unique_ptr<kafka::IdempotentProducer> producer_;
};

}  // namespace sluice
