#include "ingest/in_hand.h"

#include "runtime/check.h"

namespace sluice {

bool InHand::has_room(Purpose::Kind kind, UnixMillis now) {
  while (!by_age_.empty() && !under_way_.contains(by_age_.front().first)) by_age_.pop_front();
  if (kind != Purpose::Kind::kPurchase) return under_way_.size() < bounds_.purchases_max + bounds_.reserved;
  if (under_way_.size() >= bounds_.purchases_max) return false;
  return by_age_.empty() || now - by_age_.front().second <= bounds_.append_delay_max_ms;
}

void InHand::add(AppendId append, UnderWay under_way) {
  by_age_.emplace_back(append, under_way.began);
  CHECK(under_way_.try_emplace(append, std::move(under_way)).second);
}

UnderWay InHand::take(AppendId append) {
  const auto found = under_way_.find(append);
  CHECK(found != under_way_.end());
  UnderWay taken = std::move(found->second);
  under_way_.erase(found);
  return taken;
}

}  // namespace sluice
