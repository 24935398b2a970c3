// Shell: what one lane has published and the view thread has not yet taken: the last state of each SKU and order, bounded.
#pragma once

#include <absl/container/flat_hash_map.h>

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

#include "ledger/state_view.h"

namespace sluice {

class ViewBacklog {
 public:
  enum class State {
    kFollows,     // it holds everything that was published since `follow` and not taken; in every other state it is empty
    kIdle,        // it was not asked to
    kOverflowed,  // more orders were published than it may hold
    kMissed,      // a batch came without its changes
  };

  // SKUs need no bound of their own: there are as many as the lane has sales.
  explicit ViewBacklog(std::size_t orders_max) : orders_max_(orders_max) {}

  State state() const;

  // By the lane; never waits for Redis. True: there is something new for the view thread.
  bool publish(ViewChanges changes);

  // By the view thread.
  void follow();
  void stop_following();
  std::optional<ViewChanges> take();

 private:
  void empty_as(State state);  // REQUIRES: the lock is held

  const std::size_t orders_max_;
  mutable std::mutex mutex_;
  State state_ = State::kIdle;
  bool filled_ = false;
  absl::flat_hash_map<std::string, StockSnapshot> stocks_;    // by SKU
  absl::flat_hash_map<std::uint64_t, OrderSnapshot> orders_;  // by ticket
  Position next_;
  UnixMillis log_time_ = 0;
};

}  // namespace sluice
