#include "sink/kafka_orders_reader.h"

#include <utility>

#include "kafka/bisect.h"
#include "schemas/order_record.pb.h"

namespace sluice {
namespace {

using std::chrono::milliseconds;

// With the first record of a batch there, so long for more: a transaction of many rows costs MySQL hardly more than one of few.
constexpr milliseconds kGather{5};
// More than MySQL takes in a second, in which the library does not fetch when its queue has been full.
constexpr int kReadAheadKbytes = 64 * 1024;
constexpr milliseconds kSearchTimeout{30'000};

}  // namespace

Result<std::unique_ptr<KafkaOrdersReader>> KafkaOrdersReader::open(const kafka::ClientSettings& client,
                                                                   const std::string& topic) {
  auto reader = kafka::TopicReader::open(client, {.topic = topic, .read_ahead_kbytes = kReadAheadKbytes});
  if (!reader) return reader.error();
  auto probe = kafka::TopicReader::open(client, kafka::probing({.topic = topic}));
  if (!probe) return probe.error();
  return std::unique_ptr<KafkaOrdersReader>(new KafkaOrdersReader(std::move(*reader), std::move(*probe)));
}

KafkaOrdersReader::KafkaOrdersReader(std::unique_ptr<kafka::TopicReader> reader, std::unique_ptr<kafka::TopicReader> probe)
    : reader_(std::move(reader)), probe_(std::move(probe)) {}

Result<void> KafkaOrdersReader::start(Partition partition, Offset from, std::int64_t hint) {
  v1::OrderRecord record;
  const auto place = kafka::first_offset_where(
      *probe_, {.partition = partition.value, .hint = hint, .timeout = kSearchTimeout}, [&](std::string_view payload) {
        // What is no record is found, and named, when it is read.
        return !record.ParseFromArray(payload.data(), static_cast<int>(payload.size())) ||
               static_cast<Offset>(record.last_offset()) >= from;
      });
  if (!place) return place.error();
  return reader_->start_at(partition.value, *place);
}

void KafkaOrdersReader::stop(Partition partition) { reader_->stop(partition.value); }

Result<std::span<const PartitionRecord>> KafkaOrdersReader::poll(int count_max, milliseconds wait) {
  const auto batch = reader_->poll(static_cast<std::size_t>(count_max), wait, kGather);
  if (!batch) return batch.error();
  records_.clear();
  for (const kafka::Message& message : batch->messages) {
    records_.push_back({{message.partition}, message.offset, message.payload});
  }
  return std::span<const PartitionRecord>(records_);
}

}  // namespace sluice
