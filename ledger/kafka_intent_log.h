// Adapter (librdkafka): one partition of `intents`.
#pragma once

#include <chrono>
#include <memory>
#include <vector>

#include "kafka/client_settings.h"
#include "kafka/topic_reader.h"
#include "ledger/intent_log.h"
#include "runtime/result.h"
#include "schemas/ids.h"

namespace sluice {

// Errors are retryable: start the lane again. What is wrong for good shows in range() then.
class KafkaIntentLog : public IntentLog {
 public:
  static Result<std::unique_ptr<KafkaIntentLog>> open(const kafka::ClientSettings& client, Partition partition);

  Result<LogRange> range() override;
  Result<void> start_at(Offset next) override;
  Result<std::span<const IntentMessage>> poll(int count_max, std::chrono::milliseconds wait) override;

 private:
  KafkaIntentLog(std::unique_ptr<kafka::TopicReader> reader, Partition partition);

  std::unique_ptr<kafka::TopicReader> reader_;
  Partition partition_;
  std::vector<IntentMessage> messages_;
};

}  // namespace sluice
