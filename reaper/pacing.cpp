#include "reaper/pacing.h"

#include <algorithm>

namespace sluice {
namespace {

constexpr int kDoublingsMax = 20;

UnixMillis grown(UnixMillis first, int doublings, UnixMillis most) {
  return std::min(first << std::min(doublings, kDoublingsMax), most);
}

}  // namespace

int Pacing::on_their_way(Offset next, UnixMillis now) {
  if (asked_.empty()) return 0;
  asked_at_ = std::min(asked_at_, now);  // a clock that was set back must not keep anybody waiting
  std::erase_if(asked_, [next](const Asked& due) { return due.offset && *due.offset < next; });
  if (asked_.empty()) {
    unanswered_ = 0;
    if (fruitless_++ > 0) not_before_ = now + grown(limits_.fruitless_min, fruitless_ - 2, limits_.pause_max);
  } else if (now - asked_at_ >= grown(limits_.answer_min, unanswered_, limits_.pause_max)) {
    asked_.clear();
    ++unanswered_;
  }
  return static_cast<int>(asked_.size());
}

void Pacing::asked(std::uint64_t id, UnixMillis now) {
  asked_.push_back({id, std::nullopt});
  asked_at_ = now;
}

void Pacing::written(std::uint64_t id, std::optional<Offset> offset, UnixMillis now) {
  const auto due = std::ranges::find(asked_, id, &Asked::id);
  if (due == asked_.end()) return;
  due->offset = offset;
  if (offset) return;
  asked_.erase(due);
  not_before_ = now + grown(limits_.answer_min, unanswered_++, limits_.pause_max);
}

void Pacing::has_effect() {
  fruitless_ = 0;
  unanswered_ = 0;
  not_before_ = 0;
}

}  // namespace sluice
