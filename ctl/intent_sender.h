// Shell: appends an intent to the log and waits for what the ledger rules on it.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "ctl/cluster.h"
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
  v1::Change change;  // what it changed; empty if nothing
};

class IntentSender {
 public:
  static Result<std::unique_ptr<IntentSender>> open(const Cluster& cluster);

  // Sets the magic. The intent goes where its SKU or its order belongs (schemas/intent_route.h). Every error says whether the
  // intent may be in the log; it is fatal if the order is of no partition that there is: nothing was sent, nor ever can be.
  Result<Ruled> send(v1::Intent& intent);

 private:
  IntentSender(std::unique_ptr<kafka::IdempotentProducer> intents, std::unique_ptr<kafka::TopicReader> orders,
               int partition_count, std::chrono::milliseconds timeout);

  Result<Offset> append(Partition partition, const v1::Intent& intent);
  Result<Ruled> await(Partition partition, Offset offset);

  std::unique_ptr<kafka::IdempotentProducer> intents_;
  std::unique_ptr<kafka::TopicReader> orders_;
  const int partition_count_;
  const std::chrono::milliseconds timeout_;
};

}  // namespace sluice
