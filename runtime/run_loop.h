// Shell: the duty cycle of one thread: tells an agent the time, again and again, until stop or an error.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "runtime/log_pace.h"
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
  // After a retryable error the next cycle waits: 0.1 s, doubled up to 5 s while the errors go on. The log says when that
  // begins, when it ends, and every minute that it goes on, not each time.
  Result<void> run(const PollOnce& poll_once);

  // The same, until the first cycle that succeeds: what has to be waited for at the start. False: stopping was requested.
  Result<bool> run_until_done(const PollOnce& attempt);

  // How long ago the last cycle ended. From any thread; what a liveness check asks.
  std::chrono::milliseconds since_last_cycle() const;

 private:
  // Whether it succeeded. An error: not one to try again after.
  Result<bool> cycle(const PollOnce& poll_once);
  void record_cycle(std::int64_t started_ns);
  void pause_after(const Error& error);
  void note_success(std::chrono::milliseconds calm);

  const StopSignal& stop_;
  const std::string loop_;
  LoopMetrics metrics_;
  std::chrono::milliseconds pause_;  // before the cycle after the next error
  LogPace pace_;
  int errors_in_a_row_ = 0;  // since the log said that it works
  std::int64_t last_error_ns_ = 0;
  std::atomic<std::int64_t> last_cycle_ns_;
};

}  // namespace sluice
