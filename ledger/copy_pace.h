// Shell: how much of its time the view thread may copy a store to Redis. Pure but for a counter that lanes add to.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace sluice {

// A copy that runs as fast as it can takes more of Redis's time than the lanes need to decide what is copied. In a rush the
// machine, and Redis's if it is the same, is for what people wait for: verdicts, and how SKUs stand. Orders may come later.
class CopyPace {
 public:
  using Instant = std::chrono::steady_clock::time_point;

  static constexpr std::int64_t kRushIntentsPerSecond = 20'000;
  static constexpr std::chrono::milliseconds kWindow{100};  // over which that is measured
  static constexpr int kRestPerWork = 9;                    // in a rush
  static constexpr std::chrono::milliseconds kRestMax{100};

  // From any thread.
  void note_decided(std::int64_t intents) { decided_.fetch_add(intents, std::memory_order_relaxed); }

  // How long to rest after a piece of a copy that took `worked` and is over `now`.
  std::chrono::nanoseconds rest(std::chrono::nanoseconds worked, Instant now);

 private:
  std::atomic<std::int64_t> decided_ = 0;
  // Of the view thread.
  Instant window_begin_;
  std::int64_t decided_before_ = 0;
  bool is_rush_ = false;
};

}  // namespace sluice
