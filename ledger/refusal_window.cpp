#include "ledger/refusal_window.h"

namespace sluice {

void RefusalWindow::forget_before(UnixMillis log_time) {
  while (!order_.empty() && order_.front().log_time + kKeepMillis <= log_time) forget_first();
}

const RefusalWindow::Refusal* RefusalWindow::find(const Fingerprint& key) const {
  const auto found = refusals_.find(key);
  return found == refusals_.end() ? nullptr : &found->second;
}

void RefusalWindow::keep(const Fingerprint& key, const Refusal& refusal, UnixMillis log_time) {
  if (!refusals_.try_emplace(key, refusal).second) return;
  order_.push_back({key, refusal.ticket.position().offset(), log_time});
  if (order_.size() > refusals_max_) forget_first();
}

void RefusalWindow::forget_first() {
  refusals_.erase(order_.front().key);
  order_.pop_front();
}

}  // namespace sluice
