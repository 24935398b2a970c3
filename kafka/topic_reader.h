// Adapter (librdkafka): reads chosen partitions of one topic from chosen offsets. No group, no committed offsets: where to
// start is the caller's knowledge, and a position that is gone is an error, never a jump.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kafka/client_settings.h"
#include "kafka/handles.h"
#include "runtime/result.h"

struct rd_kafka_message_s;

namespace sluice::kafka {

enum class Isolation {
  kReadCommitted,    // delivers committed transactions only, up to the first open one; ends there
  kReadUncommitted,  // delivers everything that is replicated; aborted records too
};

struct ReaderSettings {
  std::string topic;
  Isolation isolation = Isolation::kReadCommitted;
  // The broker answers a fetch when so much has gathered or so much time has passed. Large and short: batches are formed at the
  // broker. With 1 byte, every append would wake the reader.
  int fetch_bytes_min = 1 << 20;
  // Of one partition in one answer; a larger batch comes whole.
  int fetch_bytes_max = 1 << 20;
  std::chrono::milliseconds fetch_wait{5};
  // Read ahead about so much and, at most, one answer for each partition more. A message takes some 300 bytes beside its own.
  // Bytes are for messages that are large: where they are the limit, the library stops fetching for up to a second each time.
  int read_ahead_messages = 50'000;
  int read_ahead_kbytes = 256 * 1024;
};

// The settings of a reader that jumps about and wants one message each time: small answers, and still a queue that they do not
// fill.
ReaderSettings probing(ReaderSettings settings);

struct Message {
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  std::int64_t append_time_ms = 0;  // Unix; -1 if the broker gave none
  std::string_view key;
  std::string_view payload;
};

// The reader has delivered everything before `offset`, and at some moment there was no more. Under kReadCommitted it is the
// last stable offset. A transaction's marker takes an offset and is never delivered, so `offset` may exceed the last message's
// + 1.
struct PartitionEnd {
  std::int32_t partition = 0;
  std::int64_t offset = 0;
};

// Valid until the next call of poll(), start_at() or stop().
struct ReadBatch {
  std::span<const Message> messages;  // of one partition: in offset order
  std::span<const PartitionEnd> ends;
};

// Offsets [low, high) of a partition. `high` as the isolation sees it: the end of the log, or the last stable offset.
struct LogBounds {
  std::int64_t low = 0;
  std::int64_t high = 0;
};

// One thread at a time.
class TopicReader {
 public:
  static Result<std::unique_ptr<TopicReader>> open(const ClientSettings& client, const ReaderSettings& settings);
  ~TopicReader();
  TopicReader(const TopicReader&) = delete;
  TopicReader& operator=(const TopicReader&) = delete;

  // Reads `partition` from `offset` on; what was read ahead of it from elsewhere is dropped. Does not ask the broker: an offset
  // that is out of range becomes an error of a later poll().
  Result<void> start_at(std::int32_t partition, std::int64_t offset);
  void stop(std::int32_t partition);

  // Waits up to `first_wait` for a first message, then up to `rest_wait` for up to `messages_max` in all. Empty when nothing
  // came. An error is fatal for this reader: above all, the offset is out of range. A broker that cannot be reached is no
  // error, nor is a topic that is not there (check_topics() sees it): the library goes on trying.
  Result<ReadBatch> poll(std::size_t messages_max, std::chrono::milliseconds first_wait, std::chrono::milliseconds rest_wait);

  // As IdempotentProducer::ring().
  void ring(int event_fd);

  // Asks the broker. Needs no start_at().
  Result<LogBounds> bounds(std::int32_t partition, std::chrono::milliseconds timeout) const;

  const std::string& topic() const { return topic_name_; }

 private:
  TopicReader(ClientHandle client, TopicHandle topic, const ReaderSettings& settings);
  void forget_batch();
  Result<void> take(std::size_t messages_max, std::chrono::milliseconds wait);
  Result<void> sort_out(std::size_t from);
  void keep_fetching(std::size_t taken);

  ClientHandle client_;
  QueueHandle queue_;
  QueueHandle answers_;  // to what keep_fetching() asks; nobody reads them
  TopicHandle topic_;
  std::string topic_name_;
  std::size_t read_ahead_;
  bool stopped_fetching_ = false;
  std::vector<std::int32_t> started_;
  std::vector<rd_kafka_message_s*> raw_;
  std::vector<Message> messages_;
  std::vector<PartitionEnd> ends_;
};

}  // namespace sluice::kafka
