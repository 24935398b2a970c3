// Shell: the topic `intents`, where Due is appended like any other intent.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "kafka/client_settings.h"
#include "kafka/idempotent_producer.h"
#include "reaper/due_appender.h"

namespace sluice {

// For one thread.
class KafkaDueAppender final : public DueAppender {
 public:
  static Result<std::unique_ptr<KafkaDueAppender>> open(const kafka::ClientSettings& client, const std::string& topic);

  Result<void> append(Partition partition, const v1::Due& due, std::uint64_t id) override;
  Result<std::span<const DueWritten>> poll() override;

 private:
  KafkaDueAppender(std::unique_ptr<kafka::IdempotentProducer> producer, std::string topic);

  std::unique_ptr<kafka::IdempotentProducer> producer_;
  const std::string topic_;
  v1::Intent intent_;  // reused
  std::vector<DueWritten> written_;
};

}  // namespace sluice
