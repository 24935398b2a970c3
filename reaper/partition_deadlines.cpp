#include "reaper/partition_deadlines.h"

#include <fmt/format.h>

#include <algorithm>

#include "schemas/status_word.h"

namespace sluice {
namespace {

constexpr std::string_view kUpgrade = "which this reaper does not know: upgrade sluice-reaper";

// Log time at the last intent that the record covers.
UnixMillis log_time_of(const v1::OrderRecord& record) {
  UnixMillis log_time = record.log_time_ms();
  for (const std::uint32_t delta : record.unchanged().log_time_deltas_ms()) log_time += delta;
  return log_time;
}

}  // namespace

PartitionDeadlines::PartitionDeadlines(Partition partition, Generation generation, const ProposalLimits& limits,
                                       const ReadMark& from, std::uint64_t first_id)
    : partition_(partition),
      generation_(generation),
      limits_(limits),
      coverage_(from.intent),
      next_log_offset_(from.log_offset),
      next_id_(first_id),
      time_(limits.pacing) {}

std::string PartitionDeadlines::problem_with(const v1::OrderRecord& record) const {
  if (record.body_case() == v1::OrderRecord::BODY_NOT_SET) return fmt::format("is of a kind {}", kUpgrade);
  if (!record.has_change()) return {};
  if (record.first_offset() != record.last_offset()) return "is a change, but covers more than one intent: the log is damaged";
  if (record.change().event_case() == v1::Change::EVENT_NOT_SET) return fmt::format("tells of an event {}", kUpgrade);
  for (const v1::Order& order : record.change().orders()) {
    const Ticket id{order.id()};
    if (id.partition() != partition_ || id.position().generation() != generation_) {
      return fmt::format(
          "changes order {}, which belongs to partition {} of generation {}: set topics.generation to the one with which the "
          "topics were created",
          id.value, id.partition().value, id.position().generation().value);
    }
    if (status_word(order.status()).empty()) {
      return fmt::format("gives order {} the status {}, {}", id.value, static_cast<int>(order.status()), kUpgrade);
    }
  }
  return {};
}

Error PartitionDeadlines::problem(const v1::OrderRecord& record, const std::string& what) const {
  return Error::fatal(fmt::format("orders, partition {}: read up to intent {}; the record of the intents {} to {} {}",
                                  partition_.value, coverage_.next(), record.first_offset(), record.last_offset(), what));
}

Result<void> PartitionDeadlines::take(const v1::OrderRecord& record, std::int64_t log_offset, UnixMillis append_time,
                                      Happened& happened) {
  const ReadMark at{log_offset, static_cast<Offset>(record.first_offset())};
  switch (Coverage(coverage_).take(record)) {
    case Coverage::Ruling::kSeen:
      return {};
    case Coverage::Ruling::kGap:
      return problem(record,
                     "does not continue there: records are missing or overlap. Nothing is released any more in this "
                     "partition; see reaper/README.md");
    case Coverage::Ruling::kNew:
      break;
  }
  if (const std::string what = problem_with(record); !what.empty()) return problem(record, what);
  append_time_ = std::max(append_time_, append_time);
  if (record.has_change()) {
    if (auto taken = take_change(record, at, append_time_, happened); !taken) return taken;
  }
  coverage_.take(record);
  next_log_offset_ = log_offset + 1;
  log_time_ = std::max(log_time_, log_time_of(record));
  return {};
}

Result<void> PartitionDeadlines::take_change(const v1::OrderRecord& record, const ReadMark& at, UnixMillis append_time,
                                             Happened& happened) {
  const v1::Change& change = record.change();
  if (change.sku().empty()) return {};  // only a payment changed
  Sku& sku = sku_of(change.sku());
  if (change.has_sale_defined()) sku.deadlines.define(change.sale_defined().sale(), at);
  for (const UnixMillis edge : sku.deadlines.open_slots(record.log_time_ms())) {
    happened.opening_delays.push_back(append_time - edge);
    sku.pacing.has_effect();
  }
  for (const v1::Order& order : change.orders()) {
    if (order.status() == v1::HELD) {
      if (!sku.deadlines.hold(order, append_time, at.log_offset)) {
        return problem(record, fmt::format("holds order {} out of turn: the log is damaged", order.id()));
      }
      continue;
    }
    const std::optional<Hold> closed = sku.deadlines.close(order);
    if (!closed || order.status() != v1::RELEASED) continue;
    happened.release_delays.push_back(append_time - closed->ripe);
    sku.pacing.has_effect();
  }
  move(static_cast<SkuIndex>(&sku - skus_.data()));
  return {};
}

PartitionDeadlines::Sku& PartitionDeadlines::sku_of(const std::string& name) {
  const auto [found, is_new] = index_of_.try_emplace(name, skus_.size());
  if (is_new) skus_.push_back({.name = name, .deadlines = {}, .pacing = Pacing(limits_.pacing)});
  return skus_[found->second];
}

// To where the SKU belongs among what is due.
void PartitionDeadlines::move(SkuIndex index) {
  Sku& sku = skus_[index];
  const UnixMillis due_at = sku.deadlines.due_at();
  if (due_at == sku.due_at) return;
  due_.erase({sku.due_at, index});
  sku.due_at = due_at;
  if (due_at != kNever) due_.insert({due_at, index});
}

void PartitionDeadlines::propose(UnixMillis now, std::vector<Proposal>& proposals) {
  const std::size_t before = proposals.size();
  for (const auto& [due_at, index] : due_) {
    if (due_at > log_time_ || proposals.size() - before >= static_cast<std::size_t>(limits_.dues_per_turn_max)) break;
    propose_for(index, now, proposals);
  }
  ask_the_time(now, proposals);
}

// REQUIRES: something of the SKU is due in log time.
void PartitionDeadlines::propose_for(SkuIndex index, UnixMillis now, std::vector<Proposal>& proposals) {
  Sku& sku = skus_[index];
  int on_their_way = sku.pacing.on_their_way(coverage_.next(), now);
  if (sku.pacing.pauses(now)) return;
  const std::size_t each = limits_.due_orders_max;
  const auto release = sku.deadlines.release_at(log_time_, each * static_cast<std::size_t>(limits_.dues_on_their_way_max));
  const int wanted = std::max(1, static_cast<int>((release.orders + each - 1) / each));  // one opens the slots
  for (; on_their_way < wanted; ++on_their_way) sku.pacing.asked(ask(index, sku.name, release.through, proposals), now);
}

// By the reaper's clock something should be due, and by log time it is not: perhaps only because nobody asked for anything
// since.
void PartitionDeadlines::ask_the_time(UnixMillis now, std::vector<Proposal>& proposals) {
  const auto first = due_.lower_bound({log_time_ + 1, 0});
  const bool is_due = first != due_.end() && first->first <= now;
  if (time_.on_their_way(coverage_.next(), now) > 0) return;
  if (time_asked_ && log_time_ > *time_asked_) {
    time_.has_effect();
    // The clock here is ahead of the log's, which has at least so far to go.
    if (is_due) time_.pause_until(now + std::min(first->first - log_time_, limits_.pacing.pause_max));
  }
  time_asked_.reset();
  if (!is_due || time_.pauses(now)) return;
  constexpr UnixMillis kReleasesNothing = 0;
  time_.asked(ask(kOfTime, skus_[first->second].name, kReleasesNothing, proposals), now);
  time_asked_ = log_time_;
}

std::uint64_t PartitionDeadlines::ask(SkuIndex asker, const std::string& sku, UnixMillis through,
                                      std::vector<Proposal>& proposals) {
  const std::uint64_t id = next_id_++;
  Proposal& proposal = proposals.emplace_back();
  proposal.id = id;
  proposal.due.set_sku(sku);
  proposal.due.set_through_ms(through);
  proposal.due.set_limit(limits_.due_orders_max);
  unwritten_.emplace(id, asker);
  return id;
}

void PartitionDeadlines::written(std::uint64_t id, std::optional<Offset> offset, UnixMillis now) {
  const auto found = unwritten_.find(id);
  if (found == unwritten_.end()) return;
  Pacing& pacing = found->second == kOfTime ? time_ : skus_[found->second].pacing;
  pacing.written(id, offset, now);
  unwritten_.erase(found);
}

ReadMark PartitionDeadlines::read_mark() const {
  ReadMark mark{next_log_offset_, coverage_.next()};
  for (const Sku& sku : skus_) {
    if (const auto live = sku.deadlines.oldest_live()) mark = std::min(mark, *live);
  }
  return mark;
}

std::size_t PartitionDeadlines::held() const {
  std::size_t held = 0;
  for (const Sku& sku : skus_) held += sku.deadlines.held();
  return held;
}

}  // namespace sluice
