#include "runtime/run_loop.h"

#include <algorithm>

#include "runtime/clock.h"
#include "runtime/log.h"

namespace sluice {
namespace {

constexpr std::chrono::milliseconds kShortestPause{100};
constexpr std::chrono::milliseconds kLongestPause{5000};
constexpr std::chrono::seconds kSayAgainAfter{60};
// A cycle without an error may have had nothing to do. Only when errors stay away for so long, it works again.
constexpr std::chrono::milliseconds kCalm{2000};
constexpr double kNanosPerSecond = 1e9;

}  // namespace

LoopMetrics::LoopMetrics(Metrics& metrics, const std::string& daemon, const std::string& loop)
    : cycles(metrics.counter("sluice_" + daemon + "_loop_cycles_total", "Cycles of the loop", {{"loop", loop}})),
      errors(metrics.counter("sluice_" + daemon + "_loop_errors_total", "Cycles that failed and are tried again",
                             {{"loop", loop}})),
      longest_cycle_seconds(metrics.gauge("sluice_" + daemon + "_loop_longest_cycle_seconds",
                                          "The longest cycle since the start", {{"loop", loop}})) {}

RunLoop::RunLoop(Metrics& metrics, const StopSignal& stop, const std::string& daemon, const std::string& loop)
    : stop_(stop),
      loop_(loop),
      metrics_(metrics, daemon, loop),
      pause_(kShortestPause),
      pace_(kSayAgainAfter),
      last_cycle_ns_(steady_nanos()) {}

Result<void> RunLoop::run(const PollOnce& poll_once) {
  while (!stop_.requested()) {
    const Result<bool> done = cycle(poll_once);
    if (!done) return done.error();
    if (*done) note_success(kCalm);
  }
  return {};
}

Result<bool> RunLoop::run_until_done(const PollOnce& attempt) {
  while (!stop_.requested()) {
    const Result<bool> done = cycle(attempt);
    if (!done) return done;
    if (!*done) continue;
    note_success(std::chrono::milliseconds{0});
    return true;
  }
  return false;
}

Result<bool> RunLoop::cycle(const PollOnce& poll_once) {
  const std::int64_t started_ns = steady_nanos();
  const Result<void> done = poll_once(unix_millis());
  record_cycle(started_ns);
  if (done.ok()) {
    pause_ = kShortestPause;
    return true;
  }
  if (done.error().kind != Error::Kind::kRetryable) return done.error();
  metrics_.errors.Increment();
  pause_after(done.error());
  return false;
}

void RunLoop::pause_after(const Error& error) {
  ++errors_in_a_row_;
  last_error_ns_ = steady_nanos();
  if (pace_.is_due(error.message)) log_warning("{}: {}; trying again", loop_, error.message);
  stop_.wait_for(pause_);
  pause_ = std::min(pause_ * 2, kLongestPause);
}

void RunLoop::note_success(std::chrono::milliseconds calm) {
  if (errors_in_a_row_ == 0 || steady_nanos() - last_error_ns_ < std::chrono::nanoseconds(calm).count()) return;
  log_info("{}: works now, after {} attempts that failed", loop_, errors_in_a_row_);
  errors_in_a_row_ = 0;
  pace_.forget();
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
