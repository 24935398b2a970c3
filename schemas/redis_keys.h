// Pure: the keys and fields of the shared view in Redis. Every key belongs to one partition, is a hash, and carries `version`,
// the position (schemas/ids.h) of the intent that last changed it; a writer only ever replaces an older version.
#pragma once

#include <string>
#include <string_view>

#include "schemas/ids.h"

namespace sluice::redis_keys {

inline constexpr std::string_view kStockPrefix = "stock:";
inline constexpr std::string_view kOrderPrefix = "order:";
inline constexpr std::string_view kProgressPrefix = "progress:";

// How one SKU stands.
inline std::string stock(std::string_view sku) { return std::string(kStockPrefix).append(sku); }

// One order, by its ticket in decimal. Ids that are shown to people (schemas/public_id.h) say more, and never appear here.
inline std::string order(Ticket ticket) { return std::string(kOrderPrefix) + std::to_string(ticket.value); }

// How far the view has come in one partition: whatever intents before `version` changed is in Redis, at that version or newer.
// Missing: no such promise; the view is empty, or being rebuilt.
inline std::string progress(Partition partition) { return std::string(kProgressPrefix) + std::to_string(partition.value); }

inline constexpr std::string_view kVersion = "version";

// stock:<sku>. Counters are units; defined = unopened + available + held + sold + withdrawn.
inline constexpr std::string_view kSaleId = "sale_id";
inline constexpr std::string_view kTitle = "title";
inline constexpr std::string_view kPriceMinor = "price_minor";  // of one unit
inline constexpr std::string_view kCurrency = "currency";
inline constexpr std::string_view kLimitPerUser = "limit_per_user";  // units
inline constexpr std::string_view kDefined = "defined";
inline constexpr std::string_view kUnopened = "unopened";
inline constexpr std::string_view kAvailable = "available";
inline constexpr std::string_view kHeld = "held";
inline constexpr std::string_view kSold = "sold";
inline constexpr std::string_view kWithdrawn = "withdrawn";
inline constexpr std::string_view kFrozen = "frozen";  // 0 or 1
inline constexpr std::string_view kSlots = "slots";  // JSON: [{"opens_ms":…,"closes_ms":…,"quantity":…,"opened":true|false},…]
inline constexpr std::string_view kLogTimeMs = "log_time_ms";  // log time of the partition when this was published

// order:<ticket>
inline constexpr std::string_view kStatus = "status";  // held, paid, cancelled, released or refunded
inline constexpr std::string_view kSku = "sku";
inline constexpr std::string_view kUser = "user";
inline constexpr std::string_view kQuantity = "quantity";
inline constexpr std::string_view kAmountMinor = "amount_minor";  // of the whole order; its currency as above
inline constexpr std::string_view kCreatedMs = "created_ms";
inline constexpr std::string_view kDeadlineMs = "deadline_ms";

// progress:<partition>; its version is the position of the NEXT intent.
inline constexpr std::string_view kGeneration = "generation";
inline constexpr std::string_view kPartitions = "partitions";

}  // namespace sluice::redis_keys
