// Adapter (hiredis): the shared view in Redis of all lanes of this process, written by one thread.
//
// A lane's publish only fills a bounded backlog. The view thread writes it: rows first, then the promise progress:<partition>
// that they are there. Whenever it cannot keep that up (Redis is away or slow, a backlog is over its bound, Redis lost what it
// had) it lets the backlog go and later reads everything newer than Redis's promise from the lane's store. A promise that went
// back means that Redis lost rows, so nothing there is trusted: it is withdrawn, and everything is written again.
#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "ledger/copy_pace.h"
#include "ledger/ledger_store.h"
#include "ledger/state_view.h"
#include "ledger/view_lane.h"
#include "ledger/view_writer.h"
#include "redis/connection.h"
#include "runtime/metrics.h"
#include "runtime/result.h"
#include "schemas/ids.h"

namespace sluice {

struct RedisViewSettings {
  RedisAddress redis;
  ViewLaneSettings lane;
  // How often an idle view asks whether Redis still has what was promised there, and tries lanes that are behind.
  std::chrono::milliseconds check_interval{1000};
  // After trouble with Redis; doubled up to four times while it goes on.
  std::chrono::milliseconds reconnect_wait{250};
};

class RedisView {
 public:
  // Starts the thread. Borrows `metrics`.
  RedisView(RedisViewSettings settings, Metrics& metrics);
  // Waits for what is under way with Redis, at most its time-outs. REQUIRES: every lane is detached.
  ~RedisView();
  RedisView(const RedisView&) = delete;
  RedisView& operator=(const RedisView&) = delete;

  // The view of one lane, behind at first; it catches up from `store` once that is trusted. Destroyed before the store, which
  // detaches it: that waits until the view thread has left the store, at most Redis's time-outs. From any thread. REQUIRES: the
  // partition is not attached.
  std::unique_ptr<StateView> attach(Partition partition, LedgerStore& store);

  // Why the view has ended: Redis holds the view of another generation or partition count. The
  // process should end with it, too. From any thread.
  std::optional<Error> failure() const;

 private:
  using Instant = ViewLane::Instant;
  struct Attached;
  class Publisher;
  class InUse;

  void run();
  Result<void> turn(Instant now);
  // False: not connected.
  bool connect(Instant now);
  bool warn_of_eviction(Instant now);
  // Between two chunks of a lane's copy: the others must not fall behind meanwhile, and in a rush the thread rests. False: this
  // lane or the view is to end.
  Result<bool> pause_copy(const Attached& copying);
  Result<void> check_all(Instant now);
  void accept(const Error& error, Instant now);
  void trust(Partition partition);
  void detach(Partition partition);
  void wake();

  const RedisViewSettings settings_;
  Metrics& metrics_;
  ViewMetrics view_metrics_;
  CopyPace pace_;

  mutable std::mutex mutex_;
  std::condition_variable woken_;
  std::condition_variable left_;  // the thread has left a lane
  std::map<Partition, std::unique_ptr<Attached>> lanes_;
  std::optional<Error> failure_;
  bool awake_ = false;
  bool stopping_ = false;

  // Of the thread alone.
  std::optional<ViewWriter> redis_;
  Instant next_connect_;
  Instant next_check_;
  Instant copied_since_;
  std::string told_trouble_;  // in the log already
  int troubles_ = 0;          // since Redis last passed a check

  std::thread thread_;  // last, as it uses the rest
};

}  // namespace sluice
