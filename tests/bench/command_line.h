// Adapter (CLI11): the command line of bench_kafka.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "kafka/client_settings.h"
#include "tests/bench/crowd.h"

namespace sluice::bench {

struct CommandLine {
  std::string act;  // append, limit, census, verdicts, probe
  kafka::ClientSettings client;
  Crowd crowd;
  bool sales = false;                   // append: define them first
  std::int64_t per_second = 0;          // append, verdicts
  std::string topic;                    // census, verdicts
  bool opaque = false;                  // census
  std::int64_t record_bytes = 0;        // limit
  bool one_producer = false;            // limit
  std::optional<std::int64_t> intents;  // limit: how many will come; else what is there
  int batch_intents_max = 10'000;       // limit
  std::int64_t not_counted = 0;         // verdicts
  std::optional<int> exit_code;         // the answer has been printed: the process ends with this code
};

CommandLine read_command_line(int argc, const char* const* argv);

}  // namespace sluice::bench
