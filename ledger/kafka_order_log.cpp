#include "ledger/kafka_order_log.h"

#include <utility>

#include "kafka/bisect.h"
#include "ledger/kafka_errors.h"
#include "schemas/topics.h"

namespace sluice {
namespace {

constexpr std::size_t kRecordsMax = 10'000;  // of one poll
constexpr std::chrono::milliseconds kAnswerTimeout{10'000};

kafka::ReaderSettings reading(kafka::Isolation isolation) {
  return {.topic = std::string(kOrdersTopic), .isolation = isolation};
}

}  // namespace

Result<std::unique_ptr<KafkaOrderLog>> KafkaOrderLog::open(const kafka::ClientSettings& client, Partition partition) {
  auto reader = kafka::TopicReader::open(client, reading(kafka::Isolation::kReadCommitted));
  if (!reader) return reader.error();
  return std::unique_ptr<KafkaOrderLog>(new KafkaOrderLog(client, std::move(*reader), partition));
}

KafkaOrderLog::KafkaOrderLog(kafka::ClientSettings client, std::unique_ptr<kafka::TopicReader> reader, Partition partition)
    : client_(std::move(client)), reader_(std::move(reader)), partition_(partition) {}

Result<LogRange> KafkaOrderLog::range() {
  // The library answers with the asking client's own isolation, so the reader above would hide what is not committed yet. Asked
  // once per start of a lane: a client for this question alone.
  const auto asking = kafka::TopicReader::open(client_, kafka::probing(reading(kafka::Isolation::kReadUncommitted)));
  if (!asking) return starting_again_may_help(asking.error());
  const auto bounds = (*asking)->bounds(partition_.value, kAnswerTimeout);
  if (!bounds) return starting_again_may_help(bounds.error());
  return LogRange{bounds->low, bounds->high};
}

Result<std::int64_t> KafkaOrderLog::locate(const std::function<bool(std::string_view record)>& reached) {
  const auto searching = kafka::TopicReader::open(client_, kafka::probing(reading(kafka::Isolation::kReadCommitted)));
  if (!searching) return starting_again_may_help(searching.error());
  // A lane that starts again has stored nearly everything, so the search begins at the end.
  auto found = kafka::first_offset_where(**searching, {.partition = partition_.value, .hint = kOffsetMax}, reached);
  if (!found) return starting_again_may_help(found.error());
  return found;
}

Result<void> KafkaOrderLog::start_at(std::int64_t log_offset) {
  if (auto started = reader_->start_at(partition_.value, log_offset); !started) return starting_again_may_help(started.error());
  return {};
}

void KafkaOrderLog::stop() { reader_->stop(partition_.value); }

Result<RecordPoll> KafkaOrderLog::poll(std::chrono::milliseconds wait) {
  records_.clear();
  const auto batch = reader_->poll(kRecordsMax, wait, std::chrono::milliseconds(0));
  if (!batch) return starting_again_may_help(batch.error());
  for (const kafka::Message& message : batch->messages) {
    records_.push_back({message.offset, message.append_time_ms, message.payload});
  }
  RecordPoll poll{.records = records_, .end = std::nullopt};
  if (!batch->ends.empty()) poll.end = batch->ends.back().offset;
  return poll;
}

}  // namespace sluice
