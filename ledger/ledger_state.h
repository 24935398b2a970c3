// Pure: everything that the ledger of one partition knows in memory. Bounded by stock and by the window, not by traffic.
#pragma once

#include <absl/container/btree_map.h>
#include <absl/container/btree_set.h>
#include <absl/container/flat_hash_map.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "ledger/refusal_window.h"
#include "ledger/sale_stock.h"
#include "ledger/stored.pb.h"
#include "schemas/digest.h"
#include "schemas/fingerprint.h"
#include "schemas/ids.h"

namespace sluice {

struct LedgerIdentity {
  Partition partition;
  Generation generation;
  int partition_count = 0;

  Ticket ticket(Offset offset) const { return Ticket::of(partition, Position::at(generation, offset)); }
};

struct StockLine;

// A purchase that was accepted, found by the fingerprint of its request key for the life of its sale.
struct AcceptedRequest {
  std::uint64_t order = 0;
  std::uint64_t content = 0;
  std::uint32_t aliases = 0;  // duplicates that can be used in place of the order's id
  const StockLine* line = nullptr;
};

// The first duplicates of an order get a row that resolves them; a click storm gets no more.
inline constexpr std::uint32_t kAliasesPerOrderMax = 16;

struct StockLine {
  SaleStock stock;
  absl::btree_set<std::pair<UnixMillis, std::uint64_t>> deadlines;  // of the held orders: (deadline, order)
  absl::flat_hash_map<Fingerprint, std::uint32_t> units_of_user;    // held or sold, by user fingerprint
};

// A held order, without what its line says too (SKU, sale, currency: they do not change while an order is held).
struct HeldOrder {
  const StockLine* line = nullptr;
  std::string user;
  std::uint32_t quantity = 0;
  std::uint32_t hold_seconds = 0;
  std::int64_t amount_minor = 0;
  UnixMillis created = 0;
  UnixMillis deadline = 0;
  Fingerprint key;
  std::uint64_t content = 0;

  // The whole order as the log and the tables have it.
  void to_order(std::uint64_t id, v1::Order& order) const;
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
  absl::btree_map<std::uint64_t, HeldOrder> held_orders;  // ids grow, so the newest lie together: no cache miss an order
  absl::flat_hash_map<Fingerprint, AcceptedRequest> accepted_requests;  // by request fingerprint
  absl::flat_hash_map<Fingerprint, v1::StoredAdminKey> admin_keys;
  RefusalWindow refusals;

  explicit LedgerState(LedgerIdentity who) : identity(who) {}

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
