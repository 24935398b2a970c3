#include "ledger/lanes.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "runtime/log.h"

namespace sluice {

Lanes::Lanes(const LanesSettings& settings, OpenPorts open_ports, Metrics& metrics)
    : settings_(settings), open_ports_(std::move(open_ports)), metrics_(metrics) {}

Lanes::~Lanes() { stop(); }

void Lanes::start(std::span<const std::int32_t> partitions) {
  const std::lock_guard lock(mutex_);
  CHECK(lanes_.empty());
  for (const std::int32_t partition : partitions) {
    const LedgerIdentity identity{{partition}, settings_.generation, settings_.partition_count};
    lanes_.push_back(std::make_unique<LaneThread>(identity, settings_.lane, open_ports_, metrics_));
  }
}

void Lanes::stop() {
  for (const auto& lane : lanes_) lane->ask_to_end();
  const auto deadline = std::chrono::steady_clock::now() + settings_.end_timeout;
  for (const auto& lane : lanes_) {
    if (wait_until_ended(*lane, deadline)) continue;
    log_error("partition {}: the lane has not ended within {} ms; ending the process", lane->partition().value,
              settings_.end_timeout.count());
    std::_Exit(EXIT_FAILURE);
  }
  const std::lock_guard lock(mutex_);
  lanes_.clear();
}

bool Lanes::wait_until_ended(LaneThread& lane, std::chrono::steady_clock::time_point deadline) const {
  constexpr std::chrono::milliseconds kLook{200};
  while (!lane.wait_until_ended(std::min(deadline, std::chrono::steady_clock::now() + kLook))) {
    watch_calls();
    if (std::chrono::steady_clock::now() >= deadline) return false;
  }
  return true;
}

void Lanes::watch_calls() const {
  for (const auto& lane : lanes_) {
    const CallWatch::UnderWay call = lane->call_under_way();
    if (call.lasts <= settings_.call_timeout) continue;
    log_error(
        "partition {}: {} has not returned for {} ms, far beyond its own time-out; ending the process, which gives the "
        "partition to whoever takes it over",
        lane->partition().value, call.what, call.lasts.count());
    std::_Exit(EXIT_FAILURE);
  }
}

std::chrono::milliseconds Lanes::longest_without_progress() const {
  const auto failed = [](const auto& lane) { return lane->state() == LaneThread::State::kFailed; };
  const bool all_failed = std::all_of(lanes_.begin(), lanes_.end(), failed);
  std::chrono::milliseconds longest{0};
  for (const auto& lane : lanes_) {
    if (all_failed || !failed(lane)) longest = std::max(longest, lane->since_progress());
  }
  return longest;
}

std::string Lanes::why_not_running() const {
  const std::lock_guard lock(mutex_);
  for (const auto& lane : lanes_) {
    if (lane->state() == LaneThread::State::kRunning) continue;
    const std::string trouble = lane->trouble();
    return trouble.empty() ? "partition " + std::to_string(lane->partition().value) + " is starting" : trouble;
  }
  return "";
}

}  // namespace sluice
