#include "kafka/topic_reader.h"

#include <algorithm>
#include <utility>

#include "kafka/client.h"
#include "kafka/events.h"

namespace sluice::kafka {

ReaderSettings probing(ReaderSettings settings) {
  settings.fetch_bytes_min = 1;
  settings.fetch_bytes_max = 64 * 1024;
  return settings;
}

Result<std::unique_ptr<TopicReader>> TopicReader::open(const ClientSettings& client_settings, const ReaderSettings& settings) {
  Configuration configuration(client_settings);
  configuration.set("isolation.level", settings.isolation == Isolation::kReadCommitted ? "read_committed" : "read_uncommitted")
      .set("enable.auto.commit", "false")
      .set("auto.offset.reset", "error")  // a lost position must never jump silently
      .set("enable.partition.eof", "true")
      .set("check.crcs", "true")  // what is read becomes state; a bit flipped on the way must not
      .set("fetch.min.bytes", settings.fetch_bytes_min)
      .set("fetch.message.max.bytes", settings.fetch_bytes_max)
      .set("fetch.wait.max.ms", settings.fetch_wait.count())
      .set("fetch.error.backoff.ms", 5)
      .set("queued.min.messages", settings.read_ahead_messages)
      .set("queued.max.messages.kbytes", settings.read_ahead_kbytes)
      .events(RD_KAFKA_EVENT_NONE);
  auto client = configuration.start(RD_KAFKA_CONSUMER);
  if (!client) return client.error();
  TopicHandle topic(rd_kafka_topic_new(client->get(), settings.topic.c_str(), nullptr));
  if (!topic) return Error::fatal(describe("topic " + settings.topic, rd_kafka_last_error()));
  return std::unique_ptr<TopicReader>(new TopicReader(std::move(*client), std::move(topic), settings));
}

TopicReader::TopicReader(ClientHandle client, TopicHandle topic, const ReaderSettings& settings)
    : client_(std::move(client)),
      queue_(rd_kafka_queue_new(client_.get())),
      answers_(rd_kafka_queue_new(client_.get())),
      topic_(std::move(topic)),
      topic_name_(settings.topic),
      read_ahead_(static_cast<std::size_t>(settings.read_ahead_messages)) {}

TopicReader::~TopicReader() {
  forget_batch();
  while (!started_.empty()) stop(started_.back());
}

Result<void> TopicReader::start_at(std::int32_t partition, std::int64_t offset) {
  CHECK(offset >= 0);
  stop(partition);
  // The simple consumer, stopped and started anew: a group's coordinator is never asked for, and messages of the earlier start
  // that still lie in the queue are outdated and dropped by the library. Its seek() is not safe beside batches.
  if (rd_kafka_consume_start_queue(topic_.get(), partition, offset, queue_.get()) != 0) {
    return Error::fatal(describe("cannot read " + topic_name_ + "/" + std::to_string(partition), rd_kafka_last_error()));
  }
  started_.push_back(partition);
  return {};
}

void TopicReader::stop(std::int32_t partition) {
  forget_batch();
  if (std::erase(started_, partition) > 0) rd_kafka_consume_stop(topic_.get(), partition);
}

void TopicReader::forget_batch() {
  for (rd_kafka_message_t* message : raw_) rd_kafka_message_destroy(message);
  raw_.clear();
  messages_.clear();
  ends_.clear();
}

Result<ReadBatch> TopicReader::poll(std::size_t messages_max, std::chrono::milliseconds first_wait,
                                    std::chrono::milliseconds rest_wait) {
  CHECK(messages_max >= 1);
  forget_batch();
  // The library waits for its whole time-out unless the batch fills, so the first message is taken by itself.
  if (auto first = take(1, first_wait); !first) return first.error();
  if (!raw_.empty() && messages_max > 1) {
    if (auto rest = take(messages_max - 1, rest_wait); !rest) return rest.error();
  }
  keep_fetching(raw_.size());
  return ReadBatch{messages_, ends_};
}

Result<void> TopicReader::take(std::size_t messages_max, std::chrono::milliseconds wait) {
  const std::size_t before = raw_.size();
  raw_.resize(before + messages_max);
  const auto taken = rd_kafka_consume_batch_queue(queue_.get(), to_int(wait), raw_.data() + before, messages_max);
  raw_.resize(before + static_cast<std::size_t>(std::max<ssize_t>(taken, 0)));
  if (taken < 0) return Error::fatal(describe("cannot read " + topic_name_, rd_kafka_last_error()));
  return sort_out(before);
}

Result<void> TopicReader::sort_out(std::size_t from) {
  for (std::size_t i = from; i < raw_.size(); ++i) {
    const rd_kafka_message_t& raw = *raw_[i];
    if (raw.err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      ends_.push_back({raw.partition, raw.offset});
      continue;
    }
    if (raw.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return Error::fatal(
          describe("reading " + topic_name_ + "/" + std::to_string(raw.partition), raw.err, rd_kafka_message_errstr(&raw)));
    }
    messages_.push_back({raw.partition,
                         raw.offset,
                         rd_kafka_message_timestamp(&raw, nullptr),
                         {static_cast<const char*>(raw.key), raw.key_len},
                         {static_cast<const char*>(raw.payload), raw.len}});
  }
  return {};
}

// When read_ahead messages wait, the library stops fetching, and looks again only when something wakes its broker's thread, or
// after a second (rd_kafka_broker_consumer_serve, in 2.0.2). So whoever has taken more than half of them asks all brokers for
// something small, the dead groups: what is asked passes through those threads.
void TopicReader::keep_fetching(std::size_t taken) {
  const std::size_t left = rd_kafka_queue_length(queue_.get());
  if (taken + left >= read_ahead_) stopped_fetching_ = true;
  if (!stopped_fetching_ || left >= read_ahead_ / 2) return;
  stopped_fetching_ = false;
  while (const Event earlier{rd_kafka_queue_poll(answers_.get(), 0)}) {
  }
  rd_kafka_AdminOptions_t* options = rd_kafka_AdminOptions_new(client_.get(), RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPS);
  const rd_kafka_consumer_group_state_t no_group_has = RD_KAFKA_CONSUMER_GROUP_STATE_DEAD;
  if (rd_kafka_error_t* error = rd_kafka_AdminOptions_set_match_consumer_group_states(options, &no_group_has, 1)) {
    rd_kafka_error_destroy(error);
  }
  rd_kafka_ListConsumerGroups(client_.get(), options, answers_.get());
  rd_kafka_AdminOptions_destroy(options);
}

void TopicReader::ring(int event_fd) { ring_on_arrival(queue_.get(), event_fd); }

Result<LogBounds> TopicReader::bounds(std::int32_t partition, std::chrono::milliseconds timeout) const {
  LogBounds bounds;
  const auto code = rd_kafka_query_watermark_offsets(client_.get(), topic_name_.c_str(), partition, &bounds.low, &bounds.high,
                                                     to_int(timeout));
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return Error::retryable(describe("asking for the bounds of " + topic_name_ + "/" + std::to_string(partition), code));
  }
  return bounds;
}

}  // namespace sluice::kafka
