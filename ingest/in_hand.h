// Pure: the appends that are under way, who asked for them, and how many there may be.
//
// Purchases come in floods; cancels, payments and administration do not, and must not drown in one. So purchases may fill
// only a part of the room, and only while the log is fast.
#pragma once

#include <absl/container/flat_hash_map.h>

#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "ingest/purpose.h"
#include "ingest/recent_requests.h"
#include "schemas/fingerprint.h"

namespace sluice {

struct InHandBounds {
  std::size_t purchases_max = 20'000;      // purchases are turned away while so many appends are under way
  std::size_t reserved = 2'000;            // room beyond, for everything else
  UnixMillis append_delay_max_ms = 1'000;  // when the oldest append is older, purchases are turned away
};

// One append, from its beginning to its end.
struct UnderWay {
  Purpose purpose = {};
  Partition partition = {};
  std::optional<Fingerprint> repeatable = {};  // of a purchase: what a repetition of it is known by
  std::vector<Asker> askers = {};
  UnixMillis began = 0;
};

class InHand {
 public:
  explicit InHand(const InHandBounds& bounds) : bounds_(bounds) {}

  bool has_room(Purpose::Kind kind, UnixMillis now);

  void add(AppendId append, UnderWay under_way);
  // REQUIRES: it is under way.
  UnderWay take(AppendId append);
  // One more asks for what is under way.
  void join(AppendId append, const Asker& asker) { under_way_.at(append).askers.push_back(asker); }

  std::size_t size() const { return under_way_.size(); }
  // Any of them. REQUIRES: there is one.
  AppendId any() const { return under_way_.begin()->first; }

 private:
  const InHandBounds bounds_;
  absl::flat_hash_map<AppendId, UnderWay> under_way_;
  std::deque<std::pair<AppendId, UnixMillis>> by_age_;  // may name ended ones
};

}  // namespace sluice
