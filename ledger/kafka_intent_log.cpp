#include "ledger/kafka_intent_log.h"

#include <utility>

#include "ledger/kafka_errors.h"
#include "schemas/topics.h"

namespace sluice {
namespace {

// How long a batch may gather after its first intent came: what a buyer waits more, for fewer and larger transactions.
constexpr std::chrono::milliseconds kGather{5};
constexpr std::chrono::milliseconds kAnswerTimeout{10'000};
constexpr std::chrono::milliseconds kQuietAfter{1'000};
constexpr std::chrono::milliseconds kQuietFetchWait{500};

using Clock = std::chrono::steady_clock;

// Uncommitted: intents are appended without transactions, so that no writer's open one can hold the lane up.
kafka::ReaderSettings reading() {
  return {.topic = std::string(kIntentsTopic), .isolation = kafka::Isolation::kReadUncommitted};
}

// With one byte a fetch is answered as soon as there is anything.
kafka::ReaderSettings reading_quietly() {
  kafka::ReaderSettings settings = kafka::probing(reading());
  settings.fetch_wait = kQuietFetchWait;
  return settings;
}

}  // namespace

Result<std::unique_ptr<KafkaIntentLog>> KafkaIntentLog::open(const kafka::ClientSettings& client, Partition partition) {
  auto reader = kafka::TopicReader::open(client, reading());
  if (!reader) return reader.error();
  return std::unique_ptr<KafkaIntentLog>(new KafkaIntentLog(client, std::move(*reader), partition));
}

KafkaIntentLog::KafkaIntentLog(kafka::ClientSettings client, std::unique_ptr<kafka::TopicReader> reader, Partition partition)
    : client_(std::move(client)), busy_(std::move(reader)), partition_(partition) {}

Result<LogRange> KafkaIntentLog::range() {
  const auto bounds = busy_->bounds(partition_.value, kAnswerTimeout);
  if (!bounds) return starting_again_may_help(bounds.error());
  return LogRange{bounds->low, bounds->high};
}

Result<void> KafkaIntentLog::start_at(Offset next) {
  if (is_quiet_) quiet_->stop(partition_.value);
  is_quiet_ = false;
  next_ = next;
  nothing_since_.reset();
  if (auto started = busy_->start_at(partition_.value, next); !started) return starting_again_may_help(started.error());
  return {};
}

Result<std::span<const IntentMessage>> KafkaIntentLog::poll(int count_max, std::chrono::milliseconds wait) {
  messages_.clear();
  if (auto taken = take_turns(); !taken) return starting_again_may_help(taken.error());
  kafka::TopicReader& reader = is_quiet_ ? *quiet_ : *busy_;
  const auto gather = is_quiet_ ? std::chrono::milliseconds(0) : kGather;
  const auto batch = reader.poll(static_cast<std::size_t>(count_max), wait, gather);
  if (!batch) return starting_again_may_help(batch.error());
  for (const kafka::Message& message : batch->messages) {
    messages_.push_back({message.offset, message.append_time_ms, message.payload});
  }
  if (!messages_.empty()) {
    next_ = messages_.back().offset + 1;
    nothing_since_.reset();
  } else if (!nothing_since_) {
    nothing_since_ = Clock::now();
  }
  return std::span<const IntentMessage>(messages_);
}

// What a reader has read ahead when its turn is over is read again by the other.
Result<void> KafkaIntentLog::take_turns() {
  const bool is_quiet = nothing_since_ && Clock::now() - *nothing_since_ > kQuietAfter;
  if (is_quiet == is_quiet_) return {};
  if (is_quiet && !quiet_) {
    auto reader = kafka::TopicReader::open(client_, reading_quietly());
    if (!reader) return reader.error();
    quiet_ = std::move(*reader);
  }
  kafka::TopicReader& to = is_quiet ? *quiet_ : *busy_;
  (is_quiet ? *busy_ : *quiet_).stop(partition_.value);
  is_quiet_ = is_quiet;
  return to.start_at(partition_.value, next_);
}

}  // namespace sluice
