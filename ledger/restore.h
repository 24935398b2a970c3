// Pure: a ledger's memory from the rows of its local store.
#pragma once

#include <absl/container/flat_hash_map.h>

#include <cstdint>
#include <string_view>

#include "ledger/ledger_state.h"
#include "ledger/ledger_store.h"
#include "ledger/order_chunks.h"
#include "runtime/result.h"

namespace sluice {

class Restorer {
 public:
  explicit Restorer(LedgerState& state) : state_(state) {}

  // kDamaged: an unreadable row, or orders that are not all of which the counters speak. REQUIRES: the store is of this format
  // and partition (rocks_store.h looks at that).
  Result<void> read(LedgerStore& store);

  // Oldest intent that the window of refusals remembered: it is filled again from `orders` from there on.
  Offset window_first() const { return window_first_; }

 private:
  Result<void> take(std::string_view key, std::string_view value);
  Result<void> take_progress(std::string_view value);
  Result<void> take_order(const KeptOrder& row);
  Result<void> compare_with_counters() const;

  struct Units {
    std::int64_t held = 0;
    std::int64_t sold = 0;
  };

  LedgerState& state_;
  Offset window_first_ = 0;
  absl::flat_hash_map<std::uint64_t, std::uint32_t> aliases_of_order_;
  absl::flat_hash_map<const StockLine*, Units> units_;  // of the orders that were read
  v1::StoredOrder stored_;                              // reused
};

}  // namespace sluice
