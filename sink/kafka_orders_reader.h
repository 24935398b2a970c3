// Shell: the committed records of the topic `orders`, found by the intents that they cover.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "kafka/client_settings.h"
#include "kafka/topic_reader.h"
#include "sink/orders_reader.h"

namespace sluice {

// For one thread. A partition's place is searched with a second client, so that the reading of the others goes on undisturbed.
class KafkaOrdersReader final : public OrdersReader {
 public:
  static Result<std::unique_ptr<KafkaOrdersReader>> open(const kafka::ClientSettings& client, const std::string& topic);

  Result<void> start(Partition partition, Offset from, std::int64_t hint) override;
  void stop(Partition partition) override;
  Result<std::span<const PartitionRecord>> poll(int count_max, std::chrono::milliseconds wait) override;

 private:
  KafkaOrdersReader(std::unique_ptr<kafka::TopicReader> reader, std::unique_ptr<kafka::TopicReader> probe);

  std::unique_ptr<kafka::TopicReader> reader_;
  std::unique_ptr<kafka::TopicReader> probe_;
  std::vector<PartitionRecord> records_;
};

}  // namespace sluice
