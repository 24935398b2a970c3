// Pure: the rows of a partition's local store: their keys and values (stored.proto says what they mean).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "ledger/ledger_state.h"
#include "ledger/stored.pb.h"
#include "schemas/fingerprint.h"

namespace sluice {

// Raised when a row's meaning changes: a store of another format is set aside and built again from `orders`.
inline constexpr std::uint32_t kStoreFormat = 3;

inline constexpr std::string_view kProgressRow = "m";
inline constexpr std::string_view kChunkRows = "c";  // new held orders, many in a row: order_chunks.h
inline constexpr std::string_view kOrderRows = "o";  // an order that is no longer as its chunk says
inline constexpr std::string_view kPaymentRows = "p";
inline constexpr std::string_view kAliasRows = "a";
inline constexpr std::string_view kAdminKeyRows = "k";
inline constexpr std::string_view kLineRows = "s";

std::string chunk_row(std::uint64_t first_order);
std::string order_row(std::uint64_t order);
std::string alias_row(std::uint64_t duplicate);
std::string payment_row(std::string_view payment_id);
std::string admin_key_row(const Fingerprint& key);
std::string line_row(std::string_view sku);

// What the keys of the rows say. REQUIRES: a key of that kind.
std::uint64_t order_of_row(std::string_view chunk_order_or_alias_row);
Fingerprint key_of_row(std::string_view admin_key_row);

v1::StoredLine stored_line(const SaleStock& stock);
SaleStock sale_stock(const v1::StoredLine& line);

}  // namespace sluice
