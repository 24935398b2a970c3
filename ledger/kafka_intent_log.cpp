#include "ledger/kafka_intent_log.h"

#include <utility>

#include "ledger/kafka_errors.h"
#include "schemas/topics.h"

namespace sluice {
namespace {

// How long a batch may gather after its first intent came: what a buyer waits more, for fewer and larger transactions.
constexpr std::chrono::milliseconds kGather{5};
constexpr std::chrono::milliseconds kAnswerTimeout{10'000};

}  // namespace

Result<std::unique_ptr<KafkaIntentLog>> KafkaIntentLog::open(const kafka::ClientSettings& client, Partition partition) {
  // Uncommitted: intents are appended without transactions, so that no writer's open one can hold the lane up.
  auto reader =
      kafka::TopicReader::open(client, {.topic = std::string(kIntentsTopic), .isolation = kafka::Isolation::kReadUncommitted});
  if (!reader) return reader.error();
  return std::unique_ptr<KafkaIntentLog>(new KafkaIntentLog(std::move(*reader), partition));
}

KafkaIntentLog::KafkaIntentLog(std::unique_ptr<kafka::TopicReader> reader, Partition partition)
    : reader_(std::move(reader)), partition_(partition) {}

Result<LogRange> KafkaIntentLog::range() {
  const auto bounds = reader_->bounds(partition_.value, kAnswerTimeout);
  if (!bounds) return starting_again_may_help(bounds.error());
  return LogRange{bounds->low, bounds->high};
}

Result<void> KafkaIntentLog::start_at(Offset next) {
  if (auto started = reader_->start_at(partition_.value, next); !started) return starting_again_may_help(started.error());
  return {};
}

Result<std::span<const IntentMessage>> KafkaIntentLog::poll(int count_max, std::chrono::milliseconds wait) {
  messages_.clear();
  const auto batch = reader_->poll(static_cast<std::size_t>(count_max), wait, kGather);
  if (!batch) return starting_again_may_help(batch.error());
  for (const kafka::Message& message : batch->messages) {
    messages_.push_back({message.offset, message.append_time_ms, message.payload});
  }
  return std::span<const IntentMessage>(messages_);
}

}  // namespace sluice
