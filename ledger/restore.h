// Pure: a ledger's memory from the rows of its local store.
#pragma once

#include <absl/container/flat_hash_map.h>

#include <array>
#include <string_view>

#include "ledger/ledger_state.h"
#include "runtime/result.h"

namespace sluice {

// The kinds of rows, in the order in which they must be given to the restorer.
inline constexpr std::array<std::string_view, 5> kRestoreOrder = {"m", "s", "k", "a", "o"};

class Restorer {
 public:
  explicit Restorer(LedgerState& state) : state_(state) {}

  // kDamaged: an unreadable row. REQUIRES: the store is of this format and partition (rocks_store.h looks at that).
  Result<void> take(std::string_view key, std::string_view value);

  // Oldest intent that the window of refusals remembered: it is filled again from `orders` from there on.
  Offset window_first() const { return window_first_; }

 private:
  Result<void> take_progress(std::string_view value);
  void take_order(const v1::Order& order);

  LedgerState& state_;
  Offset window_first_ = 0;
  absl::flat_hash_map<std::uint64_t, std::uint32_t> aliases_of_order_;
};

}  // namespace sluice
