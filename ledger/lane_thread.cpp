#include "ledger/lane_thread.h"

#include <algorithm>
#include <utility>

#include "ledger/background_thread.h"
#include "runtime/clock.h"
#include "runtime/log.h"

namespace sluice {
namespace {

constexpr std::chrono::milliseconds kShortestPause{100};
constexpr std::chrono::milliseconds kLongestPause{5'000};
constexpr std::chrono::seconds kSayAgainAfter{60};
constexpr double kNanosPerSecond = 1e9;

}  // namespace

LaneThread::LaneThread(LedgerIdentity identity, const LaneSettings& settings, const OpenPorts& open_ports, Metrics& metrics)
    : identity_(identity),
      settings_(settings),
      open_ports_(open_ports),
      metrics_(metrics, identity.partition),
      pace_(kSayAgainAfter),
      progress_ns_(steady_nanos()),
      pause_(kShortestPause),
      failed_pause_(settings.failed_pause),
      thread_([this] { live(); }) {}

LaneThread::~LaneThread() {
  {
    const std::lock_guard lock(mutex_);
    CHECK(ended_);
  }
  thread_.join();
}

void LaneThread::ask_to_end() {
  const std::lock_guard lock(mutex_);
  asked_to_end_ = true;
  changed_.notify_all();
}

bool LaneThread::wait_until_ended(std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  return changed_.wait_until(lock, deadline, [this] { return ended_; });
}

std::string LaneThread::trouble() const {
  const std::lock_guard lock(mutex_);
  return trouble_;
}

std::chrono::milliseconds LaneThread::since_progress() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::nanoseconds(steady_nanos() - progress_ns_));
}

CallWatch::UnderWay LaneThread::call_under_way() const {
  const CallWatch::UnderWay call = calls_.under_way();
  metrics_.call_seconds.Set(std::chrono::duration<double>(call.lasts).count());
  return call;
}

void LaneThread::live() {
  while (!asked_to_end_) {
    metrics_.starts.Increment();
    const Result<void> outcome = run_until_error();
    metrics_.running.Set(0);
    if (outcome.ok()) break;  // asked to end
    if (outcome.error().kind == Error::Kind::kFenced) {
      metrics_.fences.Increment();
      log_info("{}; another process owns the partition", outcome.error().message);
      note_trouble(State::kFenced, outcome.error().message);
      break;
    }
    if (!wait_to_try_again(note_failure(outcome.error()))) break;
  }
  metrics_.failed.Set(0);
  const std::lock_guard lock(mutex_);
  ended_ = true;
  changed_.notify_all();
}

// How long to wait before the next try. The other lanes go on meanwhile.
std::chrono::milliseconds LaneThread::note_failure(const Error& error) {
  if (error.kind == Error::Kind::kFatal) {
    note_trouble(State::kFailed, error.message);
    const auto wait = failed_pause_;
    failed_pause_ = std::min(failed_pause_ * 2, settings_.failed_pause_max);
    if (pace_.is_due(error.message)) {
      log_error("{}; this lane alone has stopped, and is tried again in {} ms and then less and less often", error.message,
                wait.count());
    }
    return wait;
  }
  const bool failed = state_ == State::kFailed || since_progress() > settings_.failed_after;
  note_trouble(failed ? State::kFailed : State::kStarting, error.message);
  if (pace_.is_due(error.message)) log_warning("{}; the lane starts again", error.message);
  const auto wait = pause_;
  pause_ = std::min(pause_ * 2, kLongestPause);
  return wait;
}

// Returns without error when it was asked to end. The ports are gone when it returns.
Result<void> LaneThread::run_until_error() {
  Result<LanePorts> ports = open_ports_(identity_.partition);
  if (!ports) return ports.error();
  WatchedWriter writer(*ports->writer, calls_);
  BackgroundThread background;
  Lane lane(identity_, settings_, *ports->intents, *ports->orders, writer, *ports->store, *ports->view, background);
  while (!asked_to_end_) {
    // Between two cycles. What is being committed then stays without its rows here: the next start redoes them.
    if (Result<void> room = ports->disk != nullptr ? ports->disk->check() : Result<void>(); !room) return room;
    Result<void> stepped = step(lane);
    if (stepped) continue;
    if (stepped.error().kind == Error::Kind::kDamaged && ports->folder) {
      ports->folder->condemn(StoreTrouble::kDamaged, stepped.error().message);
    }
    return stepped;
  }
  if (Result<void> settled = lane.settle(); !settled) return settled;
  log_info("partition {}: stopped before intent {}", identity_.partition.value, lane.committed());
  return {};
}

Result<void> LaneThread::step(Lane& lane) {
  const bool ran = lane.running();
  const std::int64_t begun_ns = steady_nanos();
  const Result<int> committed = lane.poll_once(unix_millis());
  if (!committed) return committed.error();
  note_progress(lane, ran);
  // A lane that starts and then cannot decide has not come further than before.
  if (ran && state_ != State::kRunning) {
    log_info("partition {}: runs from intent {}", identity_.partition.value, lane.state().next);
    pace_.forget();
    pause_ = kShortestPause;
    failed_pause_ = settings_.failed_pause;
    note_trouble(State::kRunning, "");
    metrics_.running.Set(1);
  }
  if (*committed > 0) {
    metrics_.intents.Increment(*committed);
    metrics_.batch_seconds.Observe(static_cast<double>(steady_nanos() - begun_ns) / kNanosPerSecond);
  }
  return {};
}

void LaneThread::note_progress(const Lane& lane, bool ran) {
  const Offset next = lane.committed();
  if (!ran && next <= furthest_) return;
  furthest_ = std::max(furthest_, next);
  progress_ns_ = steady_nanos();
  metrics_.next_offset.Set(static_cast<double>(next));
}

void LaneThread::note_trouble(State state, const std::string& text) {
  const std::lock_guard lock(mutex_);
  state_ = state;
  trouble_ = text;
  metrics_.failed.Set(state == State::kFailed ? 1 : 0);
}

// Whether it is still wanted.
bool LaneThread::wait_to_try_again(std::chrono::milliseconds pause) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, pause, [this] { return asked_to_end_.load(); });
  return !asked_to_end_;
}

}  // namespace sluice
