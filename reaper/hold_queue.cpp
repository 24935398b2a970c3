#include "reaper/hold_queue.h"

#include <algorithm>

namespace sluice {
namespace {

constexpr std::int64_t kClosed = -1;          // a log offset that no record has
constexpr std::size_t kClosedKeptMin = 1024;  // so many more closed than live ones are worth a clean-up

}  // namespace

bool HoldQueue::add(Hold hold) {
  if (!holds_.empty()) {
    const Hold& last = holds_.back();
    if (hold.order <= last.order || hold.deadline < last.deadline) return false;
    hold.ripe = std::max(hold.ripe, last.ripe);  // append times can step back when another broker takes over
  }
  holds_.push_back(hold);
  ++live_;
  return true;
}

HoldQueue::Holds::const_iterator HoldQueue::find(std::uint64_t order) const {
  const auto found = std::ranges::lower_bound(holds_, order, {}, &Hold::order);
  return found != holds_.end() && found->order == order && !is_closed(*found) ? found : holds_.end();
}

bool HoldQueue::contains(std::uint64_t order) const { return find(order) != holds_.end(); }

std::optional<Hold> HoldQueue::close(std::uint64_t order) {
  const auto found = find(order);
  if (found == holds_.end()) return std::nullopt;
  const Hold closed = *found;
  holds_[static_cast<std::size_t>(found - holds_.begin())].log_offset = kClosed;
  --live_;
  while (!holds_.empty() && is_closed(holds_.front())) holds_.pop_front();
  if (holds_.size() > 2 * live_ + kClosedKeptMin) std::erase_if(holds_, is_closed);
  return closed;
}

UnixMillis HoldQueue::all_ripe(UnixMillis deadline) const {
  auto after = std::ranges::upper_bound(holds_, deadline, {}, &Hold::deadline);
  while (after != holds_.begin()) {
    if (--after; !is_closed(*after)) return after->ripe;
  }
  return 0;
}

const Hold* HoldQueue::first_unripe(UnixMillis log_time) const {
  auto unripe = std::ranges::upper_bound(holds_, log_time, {}, &Hold::ripe);
  while (unripe != holds_.end() && is_closed(*unripe)) ++unripe;
  return unripe != holds_.end() ? &*unripe : nullptr;
}

std::size_t HoldQueue::count_through(UnixMillis through, std::size_t most) const {
  std::size_t count = 0;
  for (auto hold = holds_.begin(); hold != holds_.end() && hold->deadline <= through && count < most; ++hold) {
    if (!is_closed(*hold)) ++count;
  }
  return count;
}

}  // namespace sluice
