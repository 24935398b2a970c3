// Pure: the requests that this ingest has lately taken, so that the same (user, SKU, key) is one intent while it can be
// remembered: an impatient second click gets the ticket of the first. Bounded; what has been forgotten is appended again, and
// the ledger gives its verdict once.
#pragma once

#include <absl/container/flat_hash_map.h>

#include <cstdint>
#include <deque>
#include <optional>

#include "schemas/fingerprint.h"
#include "schemas/ids.h"

namespace sluice {

// Names one append that this process has begun. Never reused while it runs.
using AppendId = std::uint64_t;

class RecentRequests {
 public:
  // Keeps at most `most` requests, each for `keep_ms` after it was acknowledged. REQUIRES: keep_ms is well below the ledger's
  // dedupe window, or a remembered refusal would outlive the ledger's memory of it.
  RecentRequests(std::size_t most, UnixMillis keep_ms) : most_(most), keep_ms_(keep_ms) {}

  struct Request {
    std::uint32_t quantity = 0;  // its content
    AppendId append = 0;
    std::optional<Ticket> ticket;  // none while the append is in flight
  };

  // The request taken before under this fingerprint, or nothing. Its quantity may be another: that is a key used twice, and for
  // the ledger to refuse.
  const Request* find(const Fingerprint& fingerprint, UnixMillis now);

  // Keeps the first request of a fingerprint; a second one while the first is kept changes nothing.
  void began(const Fingerprint& fingerprint, std::uint32_t quantity, AppendId append, UnixMillis now);

  // Both ignore a fingerprint that is kept for another append.
  void acknowledged(const Fingerprint& fingerprint, AppendId append, Ticket ticket, UnixMillis now);
  // Its result is not known: a repetition must be appended again.
  void forget(const Fingerprint& fingerprint, AppendId append);

  std::size_t size() const { return requests_.size(); }

 private:
  struct Aged {
    Fingerprint fingerprint;
    AppendId append;
  };
  struct Kept {
    Request request;
    UnixMillis since;
  };
  void drop_oldest();

  const std::size_t most_;
  const UnixMillis keep_ms_;
  absl::flat_hash_map<Fingerprint, Kept> requests_;
  std::deque<Aged> by_age_;
};

}  // namespace sluice
