#include "ingest/waits.h"

#include "runtime/check.h"

namespace sluice {

void Waits::add(Exchange exchange, Ticket ticket, UnixMillis until) {
  CHECK(waiting_.try_emplace(exchange, Waiting{ticket, until}).second);
  by_ticket_.emplace(ticket.value, exchange);
  by_time_.emplace(until, exchange);
}

void Waits::take_decided(Partition partition, Offset next, std::vector<Exchange>& into) {
  auto at = by_ticket_.lower_bound({Ticket::of(partition, Position{0}).value, 0});
  while (at != by_ticket_.end()) {
    const Ticket ticket{at->first};
    if (ticket.partition() != partition || ticket.position().offset() >= next) return;
    const Exchange exchange = at->second;
    const auto waiting = waiting_.find(exchange);
    by_time_.erase({waiting->second.until, exchange});
    waiting_.erase(waiting);
    at = by_ticket_.erase(at);
    into.push_back(exchange);
  }
}

void Waits::take_expired(UnixMillis now, std::vector<Exchange>& into) {
  while (!by_time_.empty() && by_time_.begin()->first <= now) {
    const Exchange exchange = by_time_.begin()->second;
    const auto waiting = waiting_.find(exchange);
    by_ticket_.erase({waiting->second.ticket.value, exchange});
    waiting_.erase(waiting);
    by_time_.erase(by_time_.begin());
    into.push_back(exchange);
  }
}

}  // namespace sluice
