// Adapter (Linux): what this process has cost.
#pragma once

#include <cstdint>
#include <string>

namespace sluice::bench {

struct OwnCost {
  double cpu_seconds = 0;  // of all threads, the client library's too
  std::int64_t peak_kib = 0;
};

OwnCost own_cost();
std::string json_of(const OwnCost& cost);

// Of the calling thread alone.
double thread_cpu_seconds();

}  // namespace sluice::bench
