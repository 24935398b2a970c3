#include "ledger/ledger_loop.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "runtime/failpoint.h"
#include "runtime/log.h"
#include "schemas/topics.h"

namespace sluice {
namespace {

constexpr std::chrono::milliseconds kChangeWait{100};
constexpr std::chrono::milliseconds kLeaveTimeout{5'000};

std::vector<kafka::NeededTopic> needed_topics(int partitions) {
  return {{std::string(kIntentsTopic), kIntentsTopic, partitions}, {std::string(kOrdersTopic), kOrdersTopic, partitions}};
}

}  // namespace

LedgerLoop::LedgerLoop(LedgerLoopSettings settings, Lanes& lanes, const StopSignal& stop)
    : settings_(std::move(settings)),
      lanes_(lanes),
      stop_(stop),
      topics_(settings_.client, needed_topics(settings_.partition_count)) {}

Result<void> LedgerLoop::poll_once(UnixMillis now) {
  if (auto there = topics_.ask(); !there) return there;
  if (!membership_) {
    if (now >= away_until_) return join();
    stop_.wait_for(kChangeWait);
    return {};
  }
  const auto change = membership_->poll(kChangeWait);
  if (!change) return change.error();
  if (Result<void> followed = follow(*change); !followed) return followed;
  lanes_.watch_calls();
  if (lanes_.longest_without_progress() > settings_.progress_timeout) give_up(now);
  return {};
}

Result<void> LedgerLoop::join() {
  auto joined = kafka::Membership::join(settings_.client, {.group = settings_.application,
                                                           .instance = settings_.instance,
                                                           .topic = std::string(kIntentsTopic),
                                                           .session = settings_.session});
  if (!joined) return joined.error();
  membership_ = std::move(*joined);
  return {};
}

// Stop, then give back: until then the group assigns the partitions to nobody else.
Result<void> LedgerLoop::follow(const kafka::MembershipChange& change) {
  if (change.revoked) {
    log_info("assignment {} {}", change.revoked->epoch, change.revoked->lost ? "is lost" : "is revoked");
    assigned_ = false;
    lanes_.stop();
    SLUICE_FAILPOINT("membership.before_give_back");
    return membership_->give_back();
  }
  if (change.assigned) {
    log_info("assignment {}: partitions [{}]", change.assigned->epoch, fmt::join(change.assigned->partitions, ", "));
    // A lane that was fenced in the assignment before is started again by this one, and not sooner.
    lanes_.start(change.assigned->partitions);
    assigned_ = true;
  }
  return {};
}

void LedgerLoop::give_up(UnixMillis now) {
  log_warning("no progress for {} ms ({}): giving up the membership for {} ms", lanes_.longest_without_progress().count(),
              lanes_.why_not_running(), settings_.time_away.count());
  end();
  away_until_ = now + settings_.time_away.count();
}

void LedgerLoop::end() {
  assigned_ = false;
  lanes_.stop();
  if (membership_) membership_->leave(kLeaveTimeout);
  membership_.reset();
}

std::string LedgerLoop::why_not_ready() const {
  if (!assigned_) return "the group has not assigned partitions yet";
  return lanes_.why_not_running();
}

}  // namespace sluice
