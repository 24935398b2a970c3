// Pure: which Kafka a command speaks to, and for how long.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace sluice {

struct Cluster {
  std::string brokers = "127.0.0.1:19092";  // the port of `make up`
  std::chrono::seconds timeout{30};         // of every wait, for Kafka and for the ledger
};

// The words of a shell as one line that a person can paste: those with anything but plain characters stand in quotes.
std::string shell_line(const std::vector<std::string>& words);

}  // namespace sluice
