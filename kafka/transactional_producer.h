// Adapter (librdkafka): the one writer of one partition. Whoever initialised last owns the transactional id; everybody before
// is fenced, and the broker refuses what they still send.
//
// There is no abort. After any error the caller drops the producer, makes a new one and asks the log what was committed: a
// producer that aborts and carries on can have a later transaction ended by its own delayed request (KAFKA-17754), and a
// commit that timed out may have happened or may still happen.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "kafka/client_settings.h"
#include "kafka/handles.h"
#include "runtime/result.h"

namespace sluice::kafka {

class Configuration;
class OffsetWatch;

// A transaction is sent as one batch if it has no more, and as several one after the other if it has. The topic `orders` takes
// such a batch (max.message.bytes) with some room for its head.
inline constexpr std::int64_t kBatchBytesMax = 8'000'000;
inline constexpr std::int64_t kBatchMessagesMax = 50'000;

// A commit returns when the broker has promised it; to write the markers takes it a millisecond or two more. Until then it
// refuses the next transaction of the same producer ("concurrent transactions"), which this version of the library tries again
// after 20 ms and no sooner, whatever its settings say. So none begins within this time of the commit before: among
// transactions that follow each other at once a third had to wait those 20 ms, and of small ones, at 100,000 intents a second,
// one in some hundred.
inline constexpr std::chrono::milliseconds kMarkersWritten{2};

struct TransactionSettings {
  std::string transactional_id;
  std::string topic;
  std::int32_t partition = 0;  // one transaction touches one partition: an early commit shows a prefix and never a mixture
  // Of every waiting call. The broker ends a transaction that stands open for so long, too, but looks only every 10 s.
  std::chrono::milliseconds timeout{10'000};
  // Of one transaction. The library holds them until they are acknowledged.
  std::size_t messages_max = 100'000;
  std::size_t kbytes_max = std::size_t{64} * 1024;
  std::int64_t batch_bytes_max = kBatchBytesMax;
};

// How its client is set up; for a bench, which compares with one that does nothing else.
void configure(Configuration& configuration, const TransactionSettings& settings);

// One thread at a time. Every error is kFenced (somebody else initialised the same id since) or kFatal (this object is of no
// more use); none says whether what was under way was written.
class TransactionalProducer {
 public:
  static Result<std::unique_ptr<TransactionalProducer>> open(const ClientSettings& client, const TransactionSettings& settings);
  ~TransactionalProducer();
  TransactionalProducer(const TransactionalProducer&) = delete;
  TransactionalProducer& operator=(const TransactionalProducer&) = delete;

  // Takes the id over: fences its holder and ends the transaction that it left open, before returning. Call once, first.
  // From now on the partition only grows, or flush() fails.
  Result<void> init();

  // Waits until the broker can take it, see kMarkersWritten.
  Result<void> begin();

  struct Message {
    std::string_view key;
    std::string_view payload;
  };
  // Hands copies over; never waits. Many at once cost less each. REQUIRES: begun.
  Result<void> produce(std::string_view key, std::string_view payload);
  Result<void> produce(std::span<const Message> messages);

  // Returns when every message of the transaction is acknowledged by all in-sync replicas. Fails as well if the topic was
  // replaced by another of its name since init(): then nothing of the transaction may be committed.
  Result<void> flush();

  // REQUIRES: flushed.
  Result<void> commit();

 private:
  TransactionalProducer(std::unique_ptr<OffsetWatch> watch, ClientHandle client, QueueHandle queue, TopicHandle topic,
                        TransactionSettings settings);
  Result<void> look_at_reports();
  Result<void> look_at_offsets() const;

  std::unique_ptr<OffsetWatch> watch_;  // on the heap: the client keeps its address
  ClientHandle client_;
  QueueHandle queue_;
  TopicHandle topic_;
  TransactionSettings settings_;
  std::chrono::steady_clock::time_point committed_at_;  // the last transaction
};

}  // namespace sluice::kafka
