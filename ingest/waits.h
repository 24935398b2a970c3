// Pure: requests that wait for the verdict on a ticket, each until its own time.
#pragma once

#include <absl/container/flat_hash_map.h>

#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "ingest/http.h"
#include "schemas/ids.h"

namespace sluice {

class Waits {
 public:
  void add(Exchange exchange, Ticket ticket, UnixMillis until);

  // Takes out and adds to `into` those whose ticket's partition is decided up to it. `next`: the first undecided offset.
  void take_decided(Partition partition, Offset next, std::vector<Exchange>& into);
  // Those whose time is up at `now`.
  void take_expired(UnixMillis now, std::vector<Exchange>& into);

  std::size_t size() const { return waiting_.size(); }

 private:
  struct Waiting {
    Ticket ticket;
    UnixMillis until;
  };
  absl::flat_hash_map<Exchange, Waiting> waiting_;
  std::set<std::pair<std::uint64_t, Exchange>> by_ticket_;  // tickets of one partition are neighbours, by offset
  std::set<std::pair<UnixMillis, Exchange>> by_time_;
};

}  // namespace sluice
