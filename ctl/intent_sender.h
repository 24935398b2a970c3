// Shell: appends an intent to the log and waits for what the ledger rules on it.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "kafka/idempotent_producer.h"
#include "kafka/topic_reader.h"
#include "runtime/result.h"
#include "schemas/ids.h"
#include "schemas/intent.pb.h"
#include "schemas/order_record.pb.h"

namespace sluice {

// An intent in the log, and its verdict.
struct Ruled {
  Partition partition;
  Offset offset = 0;
  v1::Verdict verdict;
};

class IntentSender {
 public:
  // `timeout`: of every wait, for Kafka and for the ledger.
  static Result<std::unique_ptr<IntentSender>> open(const std::string& brokers, std::chrono::milliseconds timeout);

  // Sets the magic. The intent goes to the partition of `sku`. Every error says whether the intent may be in the log.
  Result<Ruled> send(std::string_view sku, v1::Intent& intent);

 private:
  IntentSender(std::unique_ptr<kafka::IdempotentProducer> intents, std::unique_ptr<kafka::TopicReader> orders,
               int partition_count, std::chrono::milliseconds timeout);

  Result<Offset> append(Partition partition, std::string_view sku, const v1::Intent& intent);
  Result<v1::Verdict> await(Partition partition, Offset offset);

  std::unique_ptr<kafka::IdempotentProducer> intents_;
  std::unique_ptr<kafka::TopicReader> orders_;
  const int partition_count_;
  const std::chrono::milliseconds timeout_;
};

}  // namespace sluice
