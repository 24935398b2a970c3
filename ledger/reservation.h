// Pure: a purchase that was accepted, as a plain value: what the rule makes, what the record says and what changes the state,
// the same for deciding and redoing.
#pragma once

#include <string_view>

#include "ledger/fingerprint_index.h"
#include "ledger/sale_stock.h"
#include "ledger/wire_parts.h"
#include "schemas/fingerprint.h"
#include "schemas/ids.h"
#include "schemas/order_record.pb.h"

namespace sluice {

// An order that is held from now on, without what its sale says too: SKU, sale id and currency.
struct Reservation {
  std::uint64_t id = 0;
  std::string_view user;
  HashedKey user_key;
  std::uint32_t quantity = 0;
  std::int64_t amount_minor = 0;
  UnixMillis created = 0;
  std::uint32_t hold_seconds = 0;
  HashedKey key;
  std::uint64_t content = 0;

  UnixMillis deadline() const { return created + UnixMillis{1000} * hold_seconds; }
};

// The views live as long as the order.
Reservation reservation_of(const v1::Order& order);

// The whole order, as the log and the tables have it. REQUIRES: it was reserved in this sale.
void to_order(const Reservation& reservation, const v1::DefineSale& sale, v1::Order& order);

// What write_order and write_reserved write at most: five texts of up to 64 bytes each, and numbers.
inline constexpr std::size_t kOrderBytesMax = 600;
inline constexpr std::size_t kReservedBytesMax = kOrderBytesMax + 300;

// The bytes of to_order's message, as the generated code writes it.
void write_order(const Reservation& reservation, const v1::DefineSale& sale, wire::Cursor& out);

// The bytes of a v1::Change that says: reserved. `slots`: what the intent opened first, as it stands in the change; `stock`: as
// it is afterwards. Returns the order's bytes in it. `out` has room for kReservedBytesMax and the slots.
std::string_view write_reserved(const Reservation& reservation, std::string_view slots, const SaleStock& stock,
                                wire::Cursor& out);

}  // namespace sluice
