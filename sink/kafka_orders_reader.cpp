#include "sink/kafka_orders_reader.h"

#include <fmt/format.h>

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
constexpr milliseconds kAdminTimeout{5'000};

}  // namespace

Result<std::unique_ptr<KafkaOrdersReader>> KafkaOrdersReader::open(const kafka::ClientSettings& client,
                                                                   const std::string& topic, int partition_count) {
  auto reader = kafka::TopicReader::open(client, {.topic = topic, .read_ahead_kbytes = kReadAheadKbytes});
  if (!reader) return reader.error();
  auto probe = kafka::TopicReader::open(client, kafka::probing({.topic = topic}));
  if (!probe) return probe.error();
  auto admin = kafka::TopicAdmin::open(client, kAdminTimeout);
  if (!admin) return admin.error();
  return std::unique_ptr<KafkaOrdersReader>(
      new KafkaOrdersReader(std::move(*reader), std::move(*probe), std::move(*admin), partition_count));
}

KafkaOrdersReader::KafkaOrdersReader(std::unique_ptr<kafka::TopicReader> reader, std::unique_ptr<kafka::TopicReader> probe,
                                     std::unique_ptr<kafka::TopicAdmin> admin, int partition_count)
    : reader_(std::move(reader)), probe_(std::move(probe)), admin_(std::move(admin)), partition_count_(partition_count) {}

Result<void> KafkaOrdersReader::check_partition_count() {
  if (!admin_) return {};
  const auto count = admin_->partition_count(reader_->topic());
  if (!count) return count.error();
  if (*count != partition_count_) {
    return Error::fatal(fmt::format("topic {} has {} partitions, but topics.partitions is {}: put the topic's number there",
                                    reader_->topic(), *count, partition_count_));
  }
  admin_.reset();
  return {};
}

Result<void> KafkaOrdersReader::start(Partition partition, Offset from, std::int64_t hint) {
  if (auto checked = check_partition_count(); !checked) return checked;
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
