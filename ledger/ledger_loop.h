// Shell: the ledger's duty cycle: checks the topics, joins the group, and starts and stops lanes as the group assigns and
// revokes partitions. The group only suggests who should try; a lane owns its partition by having fenced everybody else.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>

#include "kafka/client_settings.h"
#include "kafka/membership.h"
#include "kafka/topic_wait.h"
#include "ledger/lanes.h"
#include "runtime/result.h"
#include "runtime/stop_signal.h"
#include "schemas/ids.h"

namespace sluice {

struct LedgerLoopSettings {
  kafka::ClientSettings client;
  std::string application;  // the group, and the first part of the transactional ids
  std::string instance;
  int partition_count = 8;
  std::chrono::milliseconds session{6'000};
  // A lane that gets nowhere for so long (hanging, fenced in an assignment that stands) keeps the partition from a process that
  // might do better: the membership is given up. Also where all lanes have failed, but not for one alone …
  std::chrono::milliseconds progress_timeout{30'000};
  // … for so long, which is more than the session: meanwhile the partitions pass to others.
  std::chrono::milliseconds time_away{10'000};
};

class LedgerLoop {
 public:
  // Borrows both references.
  LedgerLoop(LedgerLoopSettings settings, Lanes& lanes, const StopSignal& stop);

  // Waits some milliseconds for a change. Fatal: the topics are set wrongly, or the group ended the membership.
  Result<void> poll_once(UnixMillis now);

  // Stops the lanes and leaves the group.
  void end();

  // Empty when the group has assigned something (or nothing, there being enough others), and all of it runs. From any thread.
  std::string why_not_ready() const;

 private:
  Result<void> join();
  Result<void> follow(const kafka::MembershipChange& change);
  void give_up(UnixMillis now);

  const LedgerLoopSettings settings_;
  Lanes& lanes_;
  const StopSignal& stop_;
  kafka::TopicWait topics_;
  std::unique_ptr<kafka::Membership> membership_;
  UnixMillis away_until_ = 0;
  std::atomic<bool> assigned_ = false;
};

}  // namespace sluice
