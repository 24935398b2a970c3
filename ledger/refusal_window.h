// Pure: the request keys of refused purchases, kept so that a refused request stays refused (invariant I4). Bounded in count
// and in log time; what it holds is a function of the log alone.
#pragma once

#include <absl/container/flat_hash_map.h>

#include <cstdint>
#include <deque>

#include "schemas/fingerprint.h"
#include "schemas/ids.h"
#include "schemas/order_record.pb.h"

namespace sluice {

class RefusalWindow {
 public:
  struct Refusal {
    Ticket ticket;
    std::uint64_t content;
    v1::Reason reason;
  };

  // Part of the rules: another bound gives other verdicts.
  static constexpr std::size_t kRefusalsMax = std::size_t{1} << 21;
  static constexpr UnixMillis kKeepMillis = UnixMillis{10} * 60 * 1000;

  explicit RefusalWindow(std::size_t refusals_max = kRefusalsMax) : refusals_max_(refusals_max) {}

  // Forgets what is too old at `log_time`. Call with the log time of every intent, before find and keep.
  void forget_before(UnixMillis log_time);

  const Refusal* find(const Fingerprint& key) const;

  // Has the memory that find(key) reads fetched.
  void prefetch(const Fingerprint& key) const { refusals_.prefetch(key); }

  // The first refusal of a key is the one that stays.
  void keep(const Fingerprint& key, const Refusal& refusal, UnixMillis log_time);

  // Offset of the oldest intent that the window remembers, or `otherwise` if it is empty.
  Offset first_offset(Offset otherwise) const { return order_.empty() ? otherwise : order_.front().offset; }

 private:
  struct Entry {
    Fingerprint key;
    Offset offset;
    UnixMillis log_time;
  };

  void forget_first();

  std::size_t refusals_max_;
  std::deque<Entry> order_;
  absl::flat_hash_map<Fingerprint, Refusal> refusals_;
};

}  // namespace sluice
