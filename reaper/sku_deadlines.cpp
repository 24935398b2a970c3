#include "reaper/sku_deadlines.h"

#include <algorithm>

namespace sluice {
namespace {

constexpr UnixMillis kMillisPerSecond = 1000;

}  // namespace

void SkuDeadlines::define(const v1::DefineSale& sale, const ReadMark& at) {
  definition_ = at;
  slot_edges_.clear();
  for (const v1::Slot& slot : sale.slots()) slot_edges_.push_back(slot.opens_ms());
  std::ranges::sort(slot_edges_);
}

std::vector<UnixMillis> SkuDeadlines::open_slots(UnixMillis log_time) {
  const auto after = std::ranges::upper_bound(slot_edges_, log_time);
  std::vector<UnixMillis> opened(slot_edges_.begin(), after);
  slot_edges_.erase(slot_edges_.begin(), after);
  return opened;
}

bool SkuDeadlines::hold(const v1::Order& order, UnixMillis append_time, std::int64_t log_offset) {
  HoldQueue& queue = queues_[order.hold_seconds()];
  if (queue.contains(order.id())) return true;
  const UnixMillis ripe = append_time + kMillisPerSecond * order.hold_seconds();
  return queue.add({.order = order.id(),
                    .deadline = order.deadline_ms(),
                    .ripe = std::max(ripe, order.deadline_ms()),
                    .log_offset = log_offset});
}

std::optional<Hold> SkuDeadlines::close(const v1::Order& order) {
  const auto queue = queues_.find(order.hold_seconds());
  if (queue == queues_.end()) return std::nullopt;
  const std::optional<Hold> closed = queue->second.close(order.id());
  if (queue->second.size() == 0) queues_.erase(queue);
  return closed;
}

// The ledger releases in the order of deadlines, so nothing can go before everything with the earliest deadline is ripe.
UnixMillis SkuDeadlines::due_at() const {
  UnixMillis earliest = kNever;
  for (const auto& [seconds, queue] : queues_) earliest = std::min(earliest, queue.oldest().deadline);
  UnixMillis ripe = 0;
  for (const auto& [seconds, queue] : queues_) ripe = std::max(ripe, queue.all_ripe(earliest));
  if (queues_.empty()) ripe = kNever;
  return slot_edges_.empty() ? ripe : std::min(ripe, slot_edges_.front());
}

SkuDeadlines::Release SkuDeadlines::release_at(UnixMillis log_time, std::size_t orders_max) const {
  Release release{.through = log_time};
  for (const auto& [seconds, queue] : queues_) {
    if (const Hold* unripe = queue.first_unripe(log_time)) release.through = std::min(release.through, unripe->deadline - 1);
  }
  for (const auto& [seconds, queue] : queues_) {
    release.orders += queue.count_through(release.through, orders_max - release.orders);
  }
  return release;
}

std::size_t SkuDeadlines::held() const {
  std::size_t held = 0;
  for (const auto& [seconds, queue] : queues_) held += queue.size();
  return held;
}

std::optional<ReadMark> SkuDeadlines::oldest_live() const {
  std::optional<ReadMark> oldest;
  if (!slot_edges_.empty()) oldest = definition_;
  for (const auto& [seconds, queue] : queues_) {
    const Hold& hold = queue.oldest();
    const ReadMark at{hold.log_offset, Ticket{hold.order}.position().offset()};
    if (!oldest || at < *oldest) oldest = at;
  }
  return oldest;
}

}  // namespace sluice
