#include "ingest/recent_requests.h"

namespace sluice {

const RecentRequests::Request* RecentRequests::find(const Fingerprint& fingerprint, UnixMillis now) {
  const auto found = requests_.find(fingerprint);
  if (found == requests_.end()) return nullptr;
  const Kept& kept = found->second;
  // One in flight is never too old: its report is still to come.
  if (!kept.request.ticket || now - kept.since < keep_ms_) return &kept.request;
  requests_.erase(found);
  return nullptr;
}

void RecentRequests::began(const Fingerprint& fingerprint, std::uint32_t quantity, AppendId append, UnixMillis now) {
  const auto [at, is_new] = requests_.try_emplace(fingerprint, Kept{{quantity, append, std::nullopt}, now});
  if (!is_new) return;
  by_age_.push_back({fingerprint, append});
  while (by_age_.size() > most_) drop_oldest();
}

void RecentRequests::acknowledged(const Fingerprint& fingerprint, AppendId append, Ticket ticket, UnixMillis now) {
  const auto found = requests_.find(fingerprint);
  if (found == requests_.end() || found->second.request.append != append) return;
  found->second.request.ticket = ticket;
  found->second.since = now;
}

void RecentRequests::forget(const Fingerprint& fingerprint, AppendId append) {
  const auto found = requests_.find(fingerprint);
  if (found != requests_.end() && found->second.request.append == append) requests_.erase(found);
}

void RecentRequests::drop_oldest() {
  forget(by_age_.front().fingerprint, by_age_.front().append);
  by_age_.pop_front();
}

}  // namespace sluice
