// Adapter (librdkafka): one partition of `intents`.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <vector>

#include "kafka/client_settings.h"
#include "kafka/topic_reader.h"
#include "ledger/intent_log.h"
#include "runtime/result.h"
#include "schemas/ids.h"

namespace sluice {

// Two readers take turns. While intents come, one lets batches gather at the broker for a few ms. Where none has come for a
// while that would be hundreds of requests a second for nothing: then another asks twice a second, and is answered at once.
//
// Errors are retryable: start the lane again. What is wrong for good shows in range() then.
class KafkaIntentLog : public IntentLog {
 public:
  static Result<std::unique_ptr<KafkaIntentLog>> open(const kafka::ClientSettings& client, Partition partition);

  Result<LogRange> range() override;
  Result<void> start_at(Offset next) override;
  Result<std::span<const IntentMessage>> poll(int count_max, std::chrono::milliseconds wait) override;

 private:
  KafkaIntentLog(kafka::ClientSettings client, std::unique_ptr<kafka::TopicReader> reader, Partition partition);
  Result<void> take_turns();

  kafka::ClientSettings client_;
  std::unique_ptr<kafka::TopicReader> busy_;
  std::unique_ptr<kafka::TopicReader> quiet_;  // once it was needed
  Partition partition_;
  bool is_quiet_ = false;  // whose turn it is
  Offset next_ = 0;
  // Polls bring nothing. (That a lane polls late does not count.)
  std::optional<std::chrono::steady_clock::time_point> nothing_since_;
  std::vector<IntentMessage> messages_;
};

}  // namespace sluice
