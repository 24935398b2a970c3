#include "runtime/run_loop.h"

#include <algorithm>

#include "runtime/clock.h"
#include "runtime/log.h"

namespace sluice {
namespace {

constexpr std::chrono::milliseconds kShortestPause{100};
constexpr std::chrono::milliseconds kLongestPause{5000};
constexpr double kNanosPerSecond = 1e9;

}  // namespace

LoopMetrics::LoopMetrics(Metrics& metrics, const std::string& daemon, const std::string& loop)
    : cycles(metrics.counter("sluice_" + daemon + "_loop_cycles_total", "Cycles of the loop", {{"loop", loop}})),
      errors(metrics.counter("sluice_" + daemon + "_loop_errors_total", "Cycles that failed and are tried again",
                             {{"loop", loop}})),
      longest_cycle_seconds(metrics.gauge("sluice_" + daemon + "_loop_longest_cycle_seconds",
                                          "The longest cycle since the start", {{"loop", loop}})) {}

RunLoop::RunLoop(Metrics& metrics, const StopSignal& stop, const std::string& daemon, const std::string& loop)
    : stop_(stop), loop_(loop), metrics_(metrics, daemon, loop), last_cycle_ns_(steady_nanos()) {}

Result<void> RunLoop::run(const PollOnce& poll_once) {
  auto pause = kShortestPause;
  while (!stop_.requested()) {
    const std::int64_t started_ns = steady_nanos();
    const Result<void> done = poll_once(unix_millis());
    record_cycle(started_ns);
    if (done.ok()) {
      pause = kShortestPause;
      continue;
    }
    if (done.error().kind != Error::Kind::kRetryable) return done.error();
    metrics_.errors.Increment();
    log_warning("{}: {}; trying again in {} ms", loop_, done.error().message, pause.count());
    stop_.wait_for(pause);
    pause = std::min(pause * 2, kLongestPause);
  }
  return {};
}

std::chrono::milliseconds RunLoop::since_last_cycle() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::nanoseconds(steady_nanos() - last_cycle_ns_));
}

void RunLoop::record_cycle(std::int64_t started_ns) {
  const std::int64_t ended_ns = steady_nanos();
  last_cycle_ns_ = ended_ns;
  metrics_.cycles.Increment();
  const double seconds = static_cast<double>(ended_ns - started_ns) / kNanosPerSecond;
  if (seconds > metrics_.longest_cycle_seconds.Value()) metrics_.longest_cycle_seconds.Set(seconds);
}

}  // namespace sluice
