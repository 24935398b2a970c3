// Shell: the committed records of the topic `orders`, with the times of their appends.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "kafka/client_settings.h"
#include "kafka/topic_reader.h"
#include "reaper/orders_feed.h"

namespace sluice {

// For one thread. The bounds are asked with a second client: behind a waiting fetch the question would wait too.
class KafkaOrdersFeed final : public OrdersFeed {
 public:
  static Result<std::unique_ptr<KafkaOrdersFeed>> open(const kafka::ClientSettings& client, const std::string& topic);

  Result<FeedBounds> bounds(Partition partition) override;
  Result<void> start(Partition partition, std::int64_t log_offset) override;
  void stop(Partition partition) override;
  Result<FedBatch> poll(int count_max, std::chrono::milliseconds wait) override;

 private:
  KafkaOrdersFeed(std::unique_ptr<kafka::TopicReader> reader, std::unique_ptr<kafka::TopicReader> asker);

  std::unique_ptr<kafka::TopicReader> reader_;
  std::unique_ptr<kafka::TopicReader> asker_;
  std::vector<FedRecord> records_;
  std::vector<FedUpTo> ends_;
};

}  // namespace sluice
