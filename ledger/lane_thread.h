// Shell: the thread of one partition: makes the lane with its ports, tells it the time, and after an error drops all of it and
// makes it anew. What is in memory or under way is never trusted again; the log is asked.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "ledger/call_watch.h"
#include "ledger/disk_watch.h"
#include "ledger/lane.h"
#include "ledger/metrics.h"
#include "ledger/store_folder.h"
#include "runtime/log_pace.h"
#include "runtime/result.h"

namespace sluice {

// Everything that one lane calls, in the order in which it is made: the view reads the store.
struct LanePorts {
  std::unique_ptr<StoreFolder> folder;  // of `store`; none: nothing of it outlives the process
  DiskWatch* disk = nullptr;            // with the folder
  std::unique_ptr<LedgerStore> store;
  std::unique_ptr<StateView> view;
  std::unique_ptr<OrderWriter> writer;
  std::unique_ptr<OrderLog> orders;
  std::unique_ptr<IntentLog> intents;
};

// Called on the lanes' threads.
using OpenPorts = std::function<Result<LanePorts>(Partition)>;

class LaneThread {
 public:
  enum class State {
    kStarting,
    kRunning,
    kFenced,  // ended: another process owns the partition
    kFailed,  // decides nothing, and a person may have to look; it is tried again now and then
  };

  // Starts the thread. Borrows `open_ports` and `metrics`.
  LaneThread(LedgerIdentity identity, const LaneSettings& settings, const OpenPorts& open_ports, Metrics& metrics);

  // REQUIRES: it has ended, see wait_until_ended().
  ~LaneThread();
  LaneThread(const LaneThread&) = delete;
  LaneThread& operator=(const LaneThread&) = delete;

  void ask_to_end();
  bool wait_until_ended(std::chrono::steady_clock::time_point deadline);

  // All from any thread.
  Partition partition() const { return identity_.partition; }
  State state() const { return state_; }
  std::string trouble() const;  // the last error; empty while it runs
  // Since it last ended a duty cycle, or redid what it had not redone before. Starting again and again is no progress.
  std::chrono::milliseconds since_progress() const;
  // The transactional call that the lane is inside of.
  CallWatch::UnderWay call_under_way() const;

 private:
  void live();
  Result<void> run_until_error();
  Result<void> step(Lane& lane);
  void note_progress(const Lane& lane, bool ran);
  void note_trouble(State state, const std::string& text);
  std::chrono::milliseconds note_failure(const Error& error);
  bool wait_to_try_again(std::chrono::milliseconds pause);

  const LedgerIdentity identity_;
  const LaneSettings settings_;
  const OpenPorts& open_ports_;
  LaneMetrics metrics_;
  LogPace pace_;
  CallWatch calls_;

  std::atomic<State> state_ = State::kStarting;
  std::atomic<bool> asked_to_end_ = false;
  std::atomic<std::int64_t> progress_ns_;
  // Of the thread's own.
  Offset furthest_ = 0;
  std::chrono::milliseconds pause_;         // before the next try, if this one fails as one that may pass
  std::chrono::milliseconds failed_pause_;  // ... as one that a person has to look at

  mutable std::mutex mutex_;
  std::condition_variable changed_;  // with mutex_: asked_to_end_ or ended_
  bool ended_ = false;
  std::string trouble_;

  std::thread thread_;  // last: it uses all of the above
};

}  // namespace sluice
