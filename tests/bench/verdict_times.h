// Shell: how long after its append an intent's record is visible, at a steady rate: an open loop, so that whoever falls behind
// is charged for it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "kafka/client_settings.h"
#include "runtime/result.h"
#include "tests/bench/crowd.h"

namespace sluice::bench {

struct VerdictTimesSettings {
  kafka::ClientSettings client;
  std::string topic;  // where a record appears for each intent, in their order, and nothing else
  Crowd crowd;        // of one partition
  std::int64_t per_second = 100'000;
  std::int64_t not_counted = 0;  // intents at the beginning, while everything gets going
};

struct VerdictTimes {
  std::vector<std::int64_t> micros;     // of the intents that count, ascending
  std::int64_t sender_late_micros = 0;  // at worst behind its own schedule
};

// Appends the crowd and looks at `topic` from its end on, read_committed. An intent's time runs from the moment at which it was
// due to be appended.
Result<VerdictTimes> measure_verdict_times(const VerdictTimesSettings& settings);

std::string json_of(const VerdictTimes& times);

}  // namespace sluice::bench
