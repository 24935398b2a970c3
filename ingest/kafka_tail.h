// Adapter (kafka/): follows every partition of `orders`, from a little before its end.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "ingest/ports.h"
#include "kafka/topic_reader.h"

namespace sluice {

class KafkaTail final : public OrdersTail {
 public:
  struct Settings {
    std::string topic;
    int partitions = 8;
    std::int64_t look_back = 50'000;  // offsets before the end of each partition, from which it begins
  };
  // Rings `event_fd` when there is something to read. Retryable while the brokers do not answer.
  static Result<std::unique_ptr<KafkaTail>> open(const kafka::ClientSettings& client, const Settings& settings, int event_fd);

  Result<std::size_t> read(const TakeRecord& take) override;

  // Whether every partition has been read to what was its end when this began. Any thread.
  bool caught_up() const { return behind_.load(std::memory_order_relaxed) == 0; }

 private:
  explicit KafkaTail(std::unique_ptr<kafka::TopicReader> reader) : reader_(std::move(reader)) {}
  void reached(std::int32_t partition, std::int64_t offset);

  const std::unique_ptr<kafka::TopicReader> reader_;
  std::vector<std::int64_t> ends_;  // by partition: the end at the start; -1 once it has been reached
  std::atomic<int> behind_ = 0;     // how many partitions have not
  v1::OrderRecord record_;
};

}  // namespace sluice
