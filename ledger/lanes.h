// Shell: the lanes of the partitions that this process has been assigned.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "ledger/lane_thread.h"

namespace sluice {

struct LanesSettings {
  Generation generation;
  int partition_count = 8;
  LaneSettings lane;
  // A lane that takes longer than this to end hangs in a call that outlived its own time-out. A thread cannot be killed, so the
  // process ends then, at once: nobody else may be kept from the partition by a lane that might still act.
  std::chrono::milliseconds end_timeout{45'000};
  // The same for one transactional call, which has a time-out of its own of a third of this. Ending the process is safe: what
  // the call sent is settled by whoever takes the partition over (its init_transactions ends the transaction that was left
  // open, one way or the other), and a process that has ended cannot be told of it later and go on.
  std::chrono::milliseconds call_timeout{30'000};
};

// One thread, except for why_not_running().
class Lanes {
 public:
  // Borrows `metrics`.
  Lanes(const LanesSettings& settings, OpenPorts open_ports, Metrics& metrics);
  ~Lanes();
  Lanes(const Lanes&) = delete;
  Lanes& operator=(const Lanes&) = delete;

  // One lane for each. REQUIRES: stopped.
  void start(std::span<const std::int32_t> partitions);

  // Returns when no lane acts any more.
  void stop();

  // Ends the process if a lane's transactional call has lasted longer than `call_timeout`. To be called now and then.
  void watch_calls() const;

  // Of the lane that is worst off; zero without lanes. A lane that has failed does not count as long as another one has not: it
  // must not cost the others their partitions.
  std::chrono::milliseconds longest_without_progress() const;

  // Empty when every lane decides intents. From any thread.
  std::string why_not_running() const;

 private:
  bool wait_until_ended(LaneThread& lane, std::chrono::steady_clock::time_point deadline) const;

  const LanesSettings settings_;
  const OpenPorts open_ports_;
  Metrics& metrics_;
  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<LaneThread>> lanes_;
};

}  // namespace sluice
