#include "tests/bench/own_cost.h"

#include <fmt/format.h>
#include <sys/resource.h>

namespace sluice::bench {
namespace {

double cpu_seconds(const rusage& usage) {
  constexpr double kMicros = 1e6;
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / kMicros;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace

OwnCost own_cost() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return {cpu_seconds(usage), usage.ru_maxrss};
}

std::string json_of(const OwnCost& cost) {
  return fmt::format("{{\"cpu_seconds\": {:.6f}, \"peak_kib\": {}}}", cost.cpu_seconds, cost.peak_kib);
}

double thread_cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_THREAD, &usage);
  return cpu_seconds(usage);
}

}  // namespace sluice::bench
