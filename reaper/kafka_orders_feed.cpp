#include "reaper/kafka_orders_feed.h"

#include <fmt/format.h>

#include <utility>

namespace sluice {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kBoundsTimeout{5'000};
// Every record is wanted at once, and the ledger commits them in batches already: the broker answers when there is anything.
constexpr int kFetchBytesMin = 1;
constexpr milliseconds kFetchWait{200};
// Some seconds of what the reaper reads at most.
constexpr int kReadAheadKbytes = 64 * 1024;

}  // namespace

Result<std::unique_ptr<KafkaOrdersFeed>> KafkaOrdersFeed::open(const kafka::ClientSettings& client, const std::string& topic) {
  auto reader = kafka::TopicReader::open(
      client,
      {.topic = topic, .fetch_bytes_min = kFetchBytesMin, .fetch_wait = kFetchWait, .read_ahead_kbytes = kReadAheadKbytes});
  if (!reader) return reader.error();
  auto asker = kafka::TopicReader::open(client, kafka::probing({.topic = topic}));
  if (!asker) return asker.error();
  return std::unique_ptr<KafkaOrdersFeed>(new KafkaOrdersFeed(std::move(*reader), std::move(*asker)));
}

KafkaOrdersFeed::KafkaOrdersFeed(std::unique_ptr<kafka::TopicReader> reader, std::unique_ptr<kafka::TopicReader> asker)
    : reader_(std::move(reader)), asker_(std::move(asker)) {}

Result<FeedBounds> KafkaOrdersFeed::bounds(Partition partition) {
  const auto bounds = asker_->bounds(partition.value, kBoundsTimeout);
  if (!bounds) return bounds.error();
  return FeedBounds{bounds->low, bounds->high};
}

Result<void> KafkaOrdersFeed::start(Partition partition, std::int64_t log_offset) {
  return reader_->start_at(partition.value, log_offset);
}

void KafkaOrdersFeed::stop(Partition partition) { reader_->stop(partition.value); }

Result<FedBatch> KafkaOrdersFeed::poll(int count_max, milliseconds wait) {
  const auto batch = reader_->poll(static_cast<std::size_t>(count_max), wait, milliseconds{0});
  if (!batch) return batch.error();
  records_.clear();
  ends_.clear();
  for (const kafka::Message& message : batch->messages) {
    if (message.append_time_ms < 0) {
      return Error::fatal(
          fmt::format("topic {} does not say when records were appended: set message.timestamp.type", reader_->topic()));
    }
    records_.push_back({{message.partition}, message.offset, message.append_time_ms, message.payload});
  }
  for (const kafka::PartitionEnd& end : batch->ends) ends_.push_back({{end.partition}, end.offset});
  return FedBatch{records_, ends_};
}

}  // namespace sluice
