// Shell: drains a preloaded partition as fast as it goes: by the bare loop that is the limit, and by the ledger's lane.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "kafka/client_settings.h"
#include "runtime/result.h"
#include "schemas/ids.h"
#include "tests/bench/timed_ports.h"

namespace sluice::bench {

struct DrainSettings {
  kafka::ClientSettings client;
  Partition partition;
  int partition_count = 8;
  int batch_intents_max = 10'000;  // of the bare loop
  std::int64_t intents = 0;  // how many the partition holds
  std::string sku;           // the records' key
};

struct Drained {
  double seconds = 0;
  double cpu_seconds = 0;       // of the whole process, the client library's threads too
  double loop_cpu_seconds = 0;  // of the draining thread alone
  Times times;
};

// Consume, produce one record of `record_bytes` for each intent, flush, commit. No thought.
Result<Drained> drain_bare(const DrainSettings& settings, std::int64_t record_bytes);

// The lane as it is in production, with its store in `directory` and without a shared view.
Result<Drained> drain_with_lane(const DrainSettings& settings, const std::filesystem::path& directory);

}  // namespace sluice::bench
