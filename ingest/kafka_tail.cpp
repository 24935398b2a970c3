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

}  // namespace

Result<std::unique_ptr<KafkaTail>> KafkaTail::open(const kafka::ClientSettings& client, const Settings& settings,
                                                   int event_fd) {
  auto reader = kafka::TopicReader::open(client, {.topic = settings.topic, .read_ahead_kbytes = kReadAheadKbytes});
  if (!reader) return reader.error();
  std::unique_ptr<KafkaTail> tail(new KafkaTail(std::move(*reader)));
  for (std::int32_t partition = 0; partition < settings.partitions; ++partition) {
    const auto bounds = tail->reader_->bounds(partition, kBoundsTimeout);
    if (!bounds) return bounds.error();
    const std::int64_t from = std::max(bounds->low, bounds->high - settings.look_back);
    tail->ends_.push_back(bounds->high > from ? bounds->high : -1);
    tail->behind_ += bounds->high > from ? 1 : 0;
    if (auto started = tail->reader_->start_at(partition, from); !started) return started.error();
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
    if (auto taken = take(Partition{message.partition}, record_, message.append_time_ms); !taken) return taken.error();
  }
  for (const kafka::PartitionEnd& end : batch->ends) reached(end.partition, end.offset);
  return batch->messages.size() + batch->ends.size();
}

void KafkaTail::reached(std::int32_t partition, std::int64_t offset) {
  std::int64_t& end = ends_.at(static_cast<std::size_t>(partition));
  if (end < 0 || offset < end) return;
  end = -1;
  behind_.fetch_sub(1, std::memory_order_relaxed);
}

}  // namespace sluice
