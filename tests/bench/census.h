// Shell: what a topic of rulings holds when a drain is over, and when the broker appended it: the one yardstick for whoever
// drained. Costs the drain nothing, since it looks afterwards.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "kafka/client_settings.h"
#include "runtime/result.h"

namespace sluice::bench {

struct Census {
  std::int64_t records = 0;
  std::int64_t record_bytes = 0;                      // of all, without keys
  std::int64_t changes = 0;                           // records of one intent that changed something …
  std::int64_t change_bytes = 0;                      // … and their bytes
  std::int64_t intents = 0;                           // that they rule on
  std::map<std::string, std::int64_t> verdicts;       // by the outcome's name, a refusal's reason behind it
  std::map<std::int64_t, std::int64_t> by_append_ms;  // intents whose ruling was appended in that millisecond
};

struct CensusSettings {
  std::string topic;
  int partitions = 1;
  bool opaque = false;  // its messages are no order records: each counts as one intent
};

// Reads what is committed to its end.
Result<Census> take_census(const kafka::ClientSettings& client, const CensusSettings& settings);

// One line. The curve: after how many milliseconds since the first append how many intents had their ruling, in about 100
// steps.
std::string json_of(const Census& census);

}  // namespace sluice::bench
