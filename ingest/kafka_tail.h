// Adapter (kafka/): follows every partition of `orders`, from a little before its end: so that its last record, if it has any,
// is among what is read. Without that record nobody could say how far the ledger is.
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
    std::int64_t look_back = 50'000;  // offsets before the end of each partition, from which it begins at the latest
  };
  // Rings `event_fd` when there is something to read. Retryable while the brokers do not answer.
  static Result<std::unique_ptr<KafkaTail>> open(const kafka::ClientSettings& client, const Settings& settings, int event_fd);

  Result<std::size_t> read(const TakeRecord& take) override;
  bool reached_end(Partition partition) const override {
    return followings_.at(static_cast<std::size_t>(partition.value)).reached_end;
  }

  // Whether every partition has been read to what was its end when this began. Any thread.
  bool caught_up() const { return behind_.load(std::memory_order_relaxed) == 0; }

 private:
  explicit KafkaTail(std::unique_ptr<kafka::TopicReader> reader) : reader_(std::move(reader)) {}
  struct Following {
    std::int64_t low = 0;   // where the partition begins
    std::int64_t from = 0;  // where reading began
    std::int64_t end = 0;   // where the partition ended then
    bool has_record = false;
    bool reached_end = false;
  };
  void reached(std::int32_t partition, std::int64_t offset);
  Result<void> begin_earlier(std::int32_t partition);

  const std::unique_ptr<kafka::TopicReader> reader_;
  std::vector<Following> followings_;  // by partition
  std::atomic<int> behind_ = 0;        // how many partitions have not reached their end
  std::vector<std::int32_t> begin_earlier_;
  v1::OrderRecord record_;
};

}  // namespace sluice
