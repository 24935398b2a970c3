#include "ingest/kafka_tail.h"

#include <algorithm>

namespace sluice {
namespace {

// Bounds a cycle: requests are served in between.
constexpr std::size_t kRecordsPerRead = 1000;
// A record of refusals can be large, and every ingest reads all partitions.
constexpr int kReadAheadKbytes = 32 * 1024;
constexpr std::chrono::milliseconds kBoundsTimeout{5000};
constexpr std::chrono::milliseconds kNow{0};
constexpr std::int64_t kLookBackMin = 2;  // a record and its transaction's end

}  // namespace

Result<std::unique_ptr<KafkaTail>> KafkaTail::open(const kafka::ClientSettings& client, const Settings& settings,
                                                   int event_fd) {
  auto reader = kafka::TopicReader::open(client, {.topic = settings.topic, .read_ahead_kbytes = kReadAheadKbytes});
  if (!reader) return reader.error();
  std::unique_ptr<KafkaTail> tail(new KafkaTail(std::move(*reader)));
  for (std::int32_t partition = 0; partition < settings.partitions; ++partition) {
    const auto bounds = tail->reader_->bounds(partition, kBoundsTimeout);
    if (!bounds) return bounds.error();
    Following following{.low = bounds->low, .end = bounds->high};
    following.from = std::max(bounds->low, bounds->high - settings.look_back);
    following.reached_end = following.low == following.end;
    tail->behind_ += following.reached_end ? 0 : 1;
    tail->followings_.push_back(following);
    if (auto started = tail->reader_->start_at(partition, following.from); !started) return started.error();
  }
  tail->reader_->ring(event_fd);
  return tail;
}

Result<std::size_t> KafkaTail::read(const TakeRecord& take) {
  const auto batch = reader_->poll(kRecordsPerRead, kNow, kNow);
  if (!batch) return batch.error();
  for (const kafka::Message& message : batch->messages) {
    if (!record_.ParseFromArray(message.payload.data(), static_cast<int>(message.payload.size()))) {
      return Error::fatal(reader_->topic() + "/" + std::to_string(message.partition) + " offset " +
                          std::to_string(message.offset) + " is no order record; has somebody else written to the topic?");
    }
    followings_.at(static_cast<std::size_t>(message.partition)).has_record = true;
    if (auto taken = take(Partition{message.partition}, record_, message.append_time_ms); !taken) return taken.error();
  }
  const std::size_t read = batch->messages.size() + batch->ends.size();
  begin_earlier_.clear();
  for (const kafka::PartitionEnd& end : batch->ends) reached(end.partition, end.offset);
  for (const std::int32_t partition : begin_earlier_) {  // the batch is of no more use
    if (auto begun = begin_earlier(partition); !begun) return begun.error();
  }
  return read;
}

void KafkaTail::reached(std::int32_t partition, std::int64_t offset) {
  Following& following = followings_.at(static_cast<std::size_t>(partition));
  if (following.reached_end || offset < following.end) return;
  if (!following.has_record && following.from > following.low) return begin_earlier_.push_back(partition);
  following.reached_end = true;
  behind_.fetch_sub(1, std::memory_order_relaxed);
}

// The end of a transaction takes an offset without a record, so those that were looked back to may hold none.
Result<void> KafkaTail::begin_earlier(std::int32_t partition) {
  Following& following = followings_.at(static_cast<std::size_t>(partition));
  const std::int64_t looked_back = std::max(kLookBackMin, 2 * (following.end - following.from));
  following.from = std::max(following.low, following.end - looked_back);
  return reader_->start_at(partition, following.from);
}

}  // namespace sluice
