// Shell: the limit: what a consume -> produce -> commit loop does with the ledger's own reader and writer, and no thought.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "kafka/client_settings.h"
#include "kafka/transactional_producer.h"
#include "ledger/kafka_intent_log.h"
#include "runtime/result.h"
#include "tests/bench/timed_ports.h"

namespace sluice::bench {

inline constexpr const char* kLimitTopic = "limit";

struct BareLoopSettings {
  kafka::ClientSettings client;
  Partition partition;
  std::string key;  // of every record
  std::int64_t record_bytes = 0;
  int batch_intents_max = 10'000;
};

// One partition's, as a lane is. One thread at a time.
class BareLoop {
 public:
  // Ready to read from the partition's first intent on, its transactional id initialised.
  static Result<std::unique_ptr<BareLoop>> open(const BareLoopSettings& settings);

  // What is in `intents` now.
  Result<std::int64_t> backlog();

  // Returns when one record has been committed to kLimitTopic for each of so many intents.
  Result<void> drain(std::int64_t intents, Times& times);

 private:
  BareLoop(BareLoopSettings settings, std::unique_ptr<kafka::TransactionalProducer> producer,
           std::unique_ptr<KafkaIntentLog> intents);
  Result<void> write(std::size_t count, Times& times);

  const BareLoopSettings settings_;
  const std::string record_;
  std::unique_ptr<kafka::TransactionalProducer> producer_;
  std::unique_ptr<KafkaIntentLog> intents_;
};

// A loop for each partition, each in a thread of its own. `intents`: of all partitions together; nothing: what there is. Calls
// `ready` when every loop could begin.
Result<void> drain_partitions(const BareLoopSettings& settings, int partitions, std::optional<std::int64_t> intents,
                              const std::function<void()>& ready);

}  // namespace sluice::bench
