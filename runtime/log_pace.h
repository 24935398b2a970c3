// Shell: keeps a line that would be written again and again, because what it says goes on, from flooding the log.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <mutex>
#include <string>

namespace sluice {

// Any thread.
class LogPace {
 public:
  explicit LogPace(std::chrono::seconds again_after) : again_after_(again_after) {}

  // Whether to write `line`: it was not written within `again_after`.
  bool is_due(const std::string& line);

  // What was written counts no longer: the next line is due, whatever it says.
  void forget();

 private:
  using Instant = std::chrono::steady_clock::time_point;
  // Lines that hold numbers may all be different; with so many of them all are forgotten.
  static constexpr std::size_t kLinesMax = 256;

  const std::chrono::seconds again_after_;
  std::mutex mutex_;
  std::map<std::string, Instant> written_;
};

}  // namespace sluice
