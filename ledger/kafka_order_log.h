// Adapter (librdkafka): one partition of `orders`, read committed.
#pragma once

#include <chrono>
#include <memory>
#include <vector>

#include "kafka/client_settings.h"
#include "kafka/topic_reader.h"
#include "ledger/order_log.h"
#include "runtime/result.h"
#include "schemas/ids.h"

namespace sluice {

// Errors are retryable: start the lane again.
class KafkaOrderLog : public OrderLog {
 public:
  static Result<std::unique_ptr<KafkaOrderLog>> open(const kafka::ClientSettings& client, Partition partition);

  Result<LogRange> range() override;
  Result<std::int64_t> locate(const std::function<bool(std::string_view record)>& reached) override;
  Result<void> start_at(std::int64_t log_offset) override;
  Result<RecordPoll> poll(std::chrono::milliseconds wait) override;
  void stop() override;

 private:
  KafkaOrderLog(kafka::ClientSettings client, std::unique_ptr<kafka::TopicReader> reader, Partition partition);

  kafka::ClientSettings client_;
  std::unique_ptr<kafka::TopicReader> reader_;
  Partition partition_;
  std::vector<RecordMessage> records_;
};

}  // namespace sluice
