// Shell: the duty cycle of one thread: tells an agent the time, again and again, until stop or an error.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "runtime/metrics.h"
#include "runtime/result.h"
#include "runtime/stop_signal.h"

namespace sluice {

// `now_ms`: Unix time. Does a bounded amount of work, and when there is none waits some milliseconds for it (in its reader), so
// that an idle loop costs little.
using PollOnce = std::function<Result<void>(std::int64_t now_ms)>;

// sluice_<daemon>_loop_…{loop="<loop>"}
struct LoopMetrics {
  LoopMetrics(Metrics& metrics, const std::string& daemon, const std::string& loop);

  Counter& cycles;
  Counter& errors;
  Gauge& longest_cycle_seconds;
};

class RunLoop {
 public:
  // `daemon` and `loop` name the metrics. Borrows both references.
  RunLoop(Metrics& metrics, const StopSignal& stop, const std::string& daemon, const std::string& loop);

  // Returns without error when stopping is requested or ask_to_end() was called, and with the error when it is fatal or fenced.
  // A retryable error is logged, and the next cycle waits: 0.1 s, doubled up to 5 s while the errors go on.
  Result<void> run(const PollOnce& poll_once);

  // How long ago the last cycle ended. From any thread; what a liveness check asks.
  std::chrono::milliseconds since_last_cycle() const;

 private:
  void record_cycle(std::int64_t started_ns);

  const StopSignal& stop_;
  const std::string loop_;
  LoopMetrics metrics_;
  std::atomic<std::int64_t> last_cycle_ns_;
};

}  // namespace sluice
