// Pure: everything that the ledger of one partition knows in memory. Bounded by stock and by the window, not by traffic.
#pragma once

#include <absl/container/flat_hash_map.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "ledger/accepted_orders.h"
#include "ledger/ledger_identity.h"
#include "ledger/refusal_window.h"
#include "ledger/sale_stock.h"
#include "ledger/stored.pb.h"
#include "ledger/user_units.h"
#include "schemas/digest.h"
#include "schemas/fingerprint.h"
#include "schemas/ids.h"

namespace sluice {

struct StockLine {
  AcceptedOrders::LineNumber number;
  PurchaseKeys keys;
  SaleStock stock;
  UserUnits units_of_user;  // held or sold

  StockLine(AcceptedOrders::LineNumber its_number, std::string_view sku) : number(its_number), keys(sku) {}
};

// The rows that one batch of intents needs from the store, fetched before it is decided and kept true while it is. An entry
// without a value was asked for and does not exist; no entry: it was not asked for.
struct WorkingSet {
  absl::flat_hash_map<std::uint64_t, std::optional<v1::Order>> closed_orders;
  absl::flat_hash_map<std::uint64_t, std::optional<std::uint64_t>> aliases;  // duplicate's ticket -> order
  absl::flat_hash_map<std::string, std::optional<v1::Payment>> payments;
};

// Finds a string's entry without making a string.
struct SkuHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view sku) const { return std::hash<std::string_view>()(sku); }
};

struct LedgerState {
  LedgerIdentity identity;

  Offset next = 0;  // the first intent that is not decided
  UnixMillis log_time = 0;
  std::uint64_t digest = kDigestOfNothing;
  Offset aliases_whole_from = 0;  // every repetition of an accepted purchase from here on has its alias

  std::unordered_map<std::string, StockLine, SkuHash, std::equal_to<>> lines;  // by SKU; references stay valid
  std::vector<StockLine*> line_of_number;
  AcceptedOrders accepted;  // by the sales that run
  absl::flat_hash_map<Fingerprint, v1::StoredAdminKey> admin_keys;
  RefusalWindow refusals;

  explicit LedgerState(LedgerIdentity who) : identity(who), accepted(who) {}

  // Made if there is none.
  StockLine& line_of(const std::string& sku);

  // A held order, whole.
  std::optional<v1::Order> held_order(std::uint64_t id) const;

  StockLine* find_line(std::string_view sku) {
    const auto found = lines.find(sku);
    return found == lines.end() ? nullptr : &found->second;
  }
  const StockLine* find_line(std::string_view sku) const {
    const auto found = lines.find(sku);
    return found == lines.end() ? nullptr : &found->second;
  }
};

}  // namespace sluice
