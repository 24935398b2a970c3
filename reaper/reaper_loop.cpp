#include "reaper/reaper_loop.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "runtime/failpoint.h"
#include "runtime/log.h"

namespace sluice {
namespace {

using std::chrono::milliseconds;

constexpr double kMillisPerSecond = 1000;
constexpr UnixMillis kShowEveryMs = 1000;   // it counts through all SKUs
constexpr int kLifeBits = 32;               // of a proposal's id, below the number of the partition's life
constexpr milliseconds kWaitForRuling{10};  // something is due, and its ruling or its pause is waited for

double seconds(UnixMillis span) { return static_cast<double>(span) / kMillisPerSecond; }

}  // namespace

ReaperLoop::ReaperLoop(const ReaperLimits& limits, Generation generation, OrdersFeed& orders, DueAppender& intents,
                       ReadMarks& marks, ReaperMetrics& metrics)
    : limits_(limits), generation_(generation), orders_(orders), intents_(intents), marks_(marks), metrics_(metrics) {}

void ReaperLoop::own(std::span<const Partition> partitions) {
  owned_.assign(partitions.begin(), partitions.end());
  std::vector<Partition> lost;
  for (const auto& [partition, watched] : watched_) {
    if (std::ranges::find(owned_, partition) == owned_.end()) lost.push_back(partition);
  }
  keep_marks_of(lost);
  for (const Partition partition : lost) {
    close(partition);
    kept_.erase(partition);
  }
}

Result<void> ReaperLoop::poll_once(UnixMillis now) {
  Result<void> done = turn(now);
  const auto at_end = [](const auto& entry) { return entry.second.at_end; };
  is_watching_ = done.ok() && !watched_.empty() && std::ranges::all_of(watched_, at_end);
  if (!done) {
    while (!watched_.empty()) close(watched_.begin()->first);
  }
  return done;
}

Result<void> ReaperLoop::turn(UnixMillis now) {
  if (auto opened = open_partitions(); !opened) return opened;
  if (auto read = read_batch(now); !read) return read;
  if (auto proposed = propose(now); !proposed) return proposed;
  keep_marks(now);
  show(now);
  return {};
}

Result<void> ReaperLoop::open_partitions() {
  for (const Partition partition : owned_) {
    const auto found = watched_.find(partition);
    if (found != watched_.end() && !found->second.forgets_mark) continue;
    const bool by_mark = found == watched_.end();
    if (!by_mark) close(partition);
    if (auto opened = open(partition, by_mark); !opened) return opened;
  }
  return {};
}

// Begins where the mark says, if there is one and it lies in the log; else at the log's start, which is always right.
Result<void> ReaperLoop::open(Partition partition, bool by_mark) {
  const auto bounds = orders_.bounds(partition);
  if (!bounds) return bounds.error();
  ReadMark from{bounds->low, 0};
  if (by_mark) {
    const auto mark = marks_.mark_of(partition);
    if (!mark) return mark.error();
    if (*mark && bounds->low <= (*mark)->log_offset && (*mark)->log_offset <= bounds->high) from = **mark;
  }
  if (auto started = orders_.start(partition, from.log_offset); !started) return started;
  const std::uint64_t first_id = ++openings_ << kLifeBits;
  watched_.emplace(
      partition,
      Watched{.deadlines = {partition, generation_, limits_.proposals, from, first_id}, .from = from, .end = bounds->high});
  metrics_.partitions.Set(static_cast<double>(watched_.size()));
  log_info("partition {}: reads from intent {} on, at {} of {} in orders", partition.value, from.intent, from.log_offset,
           bounds->high);
  return {};
}

Result<void> ReaperLoop::read_batch(UnixMillis now) {
  const auto batch = orders_.poll(limits_.batch_records_max, wait_until_due(now));
  if (!batch) return batch.error();
  // A record may answer a Due whose acknowledgement came just before it.
  if (auto taken = take_written(now); !taken) return taken;
  for (const FedRecord& fed : batch->records) {
    const auto watched = watched_.find(fed.partition);
    if (watched == watched_.end() || watched->second.forgets_mark) continue;
    if (auto read = this->read(fed, watched->second); !read) return read;
  }
  for (const FedUpTo& fed : batch->ends) {
    const auto watched = watched_.find(fed.partition);
    if (watched == watched_.end() || watched->second.at_end || fed.log_offset < watched->second.end) continue;
    watched->second.at_end = true;
    log_info("partition {}: has read to the end; {} orders are held", fed.partition.value, watched->second.deadlines.held());
  }
  return {};
}

Result<void> ReaperLoop::read(const FedRecord& fed, Watched& watched) {
  if (!record_.ParseFromArray(fed.bytes.data(), static_cast<int>(fed.bytes.size()))) {
    return Error::fatal(fmt::format("orders, partition {}: the message at {} is no record: somebody else writes to the topic",
                                    fed.partition.value, fed.log_offset));
  }
  if (!std::exchange(watched.is_proven, true) && watched.from.intent != 0 &&
      static_cast<Offset>(record_.first_offset()) != watched.from.intent) {
    log_warning("partition {}: at {} of orders stands intent {} instead of {}: the mark is of another log; reads it all",
                fed.partition.value, fed.log_offset, record_.first_offset(), watched.from.intent);
    watched.forgets_mark = true;
    return {};
  }
  happened_.release_delays.clear();
  happened_.opening_delays.clear();
  if (auto taken = watched.deadlines.take(record_, fed.log_offset, fed.append_time, happened_); !taken) return taken;
  metrics_.records.Increment();
  if (watched.at_end) observe(happened_);
  return {};
}

void ReaperLoop::observe(const Happened& happened) {
  for (const UnixMillis delay : happened.release_delays) metrics_.release_delay_seconds.Observe(seconds(delay));
  for (const UnixMillis delay : happened.opening_delays) metrics_.opening_delay_seconds.Observe(seconds(delay));
}

Result<void> ReaperLoop::take_written(UnixMillis now) {
  const auto written = intents_.poll();
  if (!written) return written.error();
  for (const DueWritten& due : *written) {
    if (!due.offset) metrics_.dues_lost.Increment();
    for (auto& [partition, watched] : watched_) watched.deadlines.written(due.id, due.offset, now);
  }
  return {};
}

Result<void> ReaperLoop::propose(UnixMillis now) {
  for (auto& [partition, watched] : watched_) {
    if (!watched.at_end || watched.forgets_mark) continue;
    proposals_.clear();
    watched.deadlines.propose(now, proposals_);
    for (const Proposal& proposal : proposals_) {
      log_debug("partition {}: asks to release {} of {} through {}", partition.value, proposal.due.limit(), proposal.due.sku(),
                proposal.due.through_ms());
      SLUICE_FAILPOINT("reaper.before_append");
      auto appended = intents_.append(partition, proposal.due, proposal.id);
      SLUICE_FAILPOINT("reaper.after_append");
      metrics_.dues.Increment();
      if (appended) continue;
      if (appended.error().kind != Error::Kind::kRetryable) return appended;
      metrics_.dues_lost.Increment();
      watched.deadlines.written(proposal.id, std::nullopt, now);
    }
  }
  return {};
}

milliseconds ReaperLoop::wait_until_due(UnixMillis now) const {
  milliseconds wait = limits_.poll_wait;
  for (const auto& [partition, watched] : watched_) {
    const UnixMillis due_at = watched.deadlines.due_at();
    if (due_at == kNever) continue;
    const milliseconds left = due_at > now ? milliseconds(due_at - now) : kWaitForRuling;
    wait = std::min(wait, std::max(left, milliseconds{1}));
  }
  return wait;
}

void ReaperLoop::keep_marks(UnixMillis now) {
  if (std::abs(now - kept_at_) < limits_.keep_marks_ms) return;
  kept_at_ = now;
  keep_marks_of(owned_);
}

// Only those that moved. A mark that could not be kept is kept the next time.
void ReaperLoop::keep_marks_of(std::span<const Partition> partitions) {
  std::map<Partition, ReadMark> moved;
  for (const Partition partition : partitions) {
    const auto watched = watched_.find(partition);
    if (watched == watched_.end() || watched->second.forgets_mark) continue;
    const ReadMark mark = watched->second.deadlines.read_mark();
    const auto kept = kept_.find(partition);
    if (kept == kept_.end() || kept->second != mark) moved.emplace(partition, mark);
  }
  if (moved.empty()) return;
  SLUICE_FAILPOINT("reaper.before_keep_marks");
  if (auto done = marks_.keep(moved); !done) {
    log_warning("cannot keep how far it has come, a restart would read more: {}", done.error().message);
    return;
  }
  SLUICE_FAILPOINT("reaper.after_keep_marks");
  metrics_.marks_kept.Increment();
  for (const auto& [partition, mark] : moved) kept_[partition] = mark;
}

void ReaperLoop::show(UnixMillis now) {
  if (std::abs(now - shown_at_) < kShowEveryMs) return;
  shown_at_ = now;
  std::size_t held = 0;
  UnixMillis overdue = 0;
  for (const auto& [partition, watched] : watched_) {
    held += watched.deadlines.held();
    const UnixMillis due_at = watched.deadlines.due_at();
    if (watched.at_end && due_at < now) overdue = std::max(overdue, now - due_at);
  }
  metrics_.held_orders.Set(static_cast<double>(held));
  metrics_.overdue_seconds.Set(seconds(overdue));
}

void ReaperLoop::close(Partition partition) {
  orders_.stop(partition);
  watched_.erase(partition);
  metrics_.partitions.Set(static_cast<double>(watched_.size()));
}

}  // namespace sluice
