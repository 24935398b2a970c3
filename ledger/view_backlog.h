// Shell: what one lane has published and the view thread has not yet taken: the last state of each SKU, order and payment,
// bounded. How SKUs stand is kept always, also while the rest is not followed, so that stock is fresh in a view that lags.
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
    kFollows,     // it holds everything that was published since `follow` and not taken; in every other state SKUs alone
    kIdle,        // it was not asked to
    kOverflowed,  // more orders, aliases and payments were published than it may hold
    kMissed,      // a batch came without its changes
  };

  // `rows_max`: of orders, aliases and payments. SKUs need no bound: there are as many as the lane has sales.
  explicit ViewBacklog(std::size_t rows_max) : rows_max_(rows_max) {}

  State state() const;

  // By the lane; never waits for Redis. True: there is something new for the view thread.
  bool publish(ViewChanges changes);

  // By the view thread.
  void follow();
  void stop_following();
  // What it follows. Nothing: there is nothing new.
  std::optional<ViewChanges> take();
  // SKUs alone, with the log time; also while it does not follow.
  ViewChanges take_stocks();

 private:
  void empty_as(State state);  // REQUIRES: the lock is held

  const std::size_t rows_max_;
  mutable std::mutex mutex_;
  State state_ = State::kIdle;
  bool filled_ = false;
  // The last state of each.
  using Stocks = absl::flat_hash_map<std::string, StockSnapshot>;  // by SKU
  struct Rows {
    absl::flat_hash_map<std::uint64_t, OrderSnapshot> orders;    // by ticket
    absl::flat_hash_map<std::uint64_t, AliasSnapshot> aliases;   // by ticket of the duplicate
    absl::flat_hash_map<std::string, PaymentSnapshot> payments;  // by id
  };
  Rows rows_;
  Stocks stocks_;
  Position next_;
  UnixMillis log_time_ = 0;
  Position aliases_whole_from_;
};

}  // namespace sluice
