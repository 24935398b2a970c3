// Pure: the keys and fields of the shared view in Redis. Every key belongs to one partition, is a hash, and carries `version`,
// the position (schemas/ids.h) of the intent that last changed it; a writer only ever replaces an older version.
#pragma once

#include <string>
#include <string_view>

#include "schemas/ids.h"

namespace sluice::redis_keys {

inline constexpr std::string_view kStockPrefix = "stock:";
inline constexpr std::string_view kOrderPrefix = "order:";
inline constexpr std::string_view kRefundsPrefix = "refunds:";
inline constexpr std::string_view kProgressPrefix = "progress:";
inline constexpr std::string_view kKeptSincePrefix = "kept_since:";

// How one SKU stands.
inline std::string stock(std::string_view sku) { return std::string(kStockPrefix).append(sku); }

// One order, by its ticket in decimal. Ids that are shown to people (schemas/public_id.h) say more, and never appear here.
inline std::string order(Ticket ticket) { return std::string(kOrderPrefix) + std::to_string(ticket.value); }

// The payments of one order that go back, or went back, to the buyer.
inline std::string refunds(Ticket order) { return std::string(kRefundsPrefix) + std::to_string(order.value); }

// How far the view has come in one partition: whatever intents before `version` changed is in Redis, at that version or newer.
// Missing: no such promise; the view is empty, or being rebuilt.
inline std::string progress(Partition partition) { return std::string(kProgressPrefix) + std::to_string(partition.value); }

// Since when the view is whole: every accepted order from `version` on, up to where progress:<partition> is, has its key, and
// so has every alias. Orders before it may have gone, as keys of closed orders end some time after their purchase. Missing: no
// such promise. It ends by itself before the first key that it speaks of can; the ledger moves it on in time, as long as it
// runs.
inline std::string kept_since(Partition partition) { return std::string(kKeptSincePrefix) + std::to_string(partition.value); }

inline constexpr std::string_view kVersion = "version";

// stock:<sku>. Counters are units; defined = unopened + available + held + sold + withdrawn.
inline constexpr std::string_view kSaleId = "sale_id";
inline constexpr std::string_view kTitle = "title";
inline constexpr std::string_view kPriceMinor = "price_minor";  // of one unit
inline constexpr std::string_view kCurrency = "currency";
inline constexpr std::string_view kLimitPerUser = "limit_per_user";  // units
inline constexpr std::string_view kHoldSeconds = "hold_seconds";
inline constexpr std::string_view kDefined = "defined";
inline constexpr std::string_view kUnopened = "unopened";
inline constexpr std::string_view kAvailable = "available";
inline constexpr std::string_view kHeld = "held";
inline constexpr std::string_view kSold = "sold";
inline constexpr std::string_view kWithdrawn = "withdrawn";
inline constexpr std::string_view kFrozen = "frozen";  // 0 or 1
inline constexpr std::string_view kSlots = "slots";  // JSON: [{"opens_ms":…,"closes_ms":…,"quantity":…,"opened":true|false},…]
inline constexpr std::string_view kLogTimeMs = "log_time_ms";  // log time of the partition when this was published

// order:<ticket>. Ends a set time after its deadline, or after it was cancelled, released or refunded if that was later; does
// not end while it is held or paid.
inline constexpr std::string_view kStatus = "status";  // held, paid, cancelled, released or refunded
inline constexpr std::string_view kSku = "sku";
inline constexpr std::string_view kUser = "user";
inline constexpr std::string_view kQuantity = "quantity";
inline constexpr std::string_view kAmountMinor = "amount_minor";  // of the whole order; its currency as above
inline constexpr std::string_view kCreatedMs = "created_ms";
inline constexpr std::string_view kDeadlineMs = "deadline_ms";  // in log time
// When the buyer's time to pay ends: append time of the record, or a moment shortly before it by the ledger's own clock, plus
// the hold. At least deadline_ms. A promise only while the brokers' clocks are right: ledger/README.md, "When a broker's clock
// is wrong".
inline constexpr std::string_view kPayByMs = "pay_by_ms";
// The only other field of order:<ticket> where the ticket is of a purchase that repeated an accepted one: that one's ticket.
// Only the first 16 repetitions of an order have it. Ends like a closed order of the same moment.
inline constexpr std::string_view kAliasOf = "alias_of";

// refunds:<ticket>: besides `version` one field per payment, named by its id with this in front. Each field has a version of
// its own, and is only replaced by a newer one. Does not end.
// {"version":…,"amount_minor":…,"currency":"EUR","reason":"paid_too_late","settled":false}
inline constexpr std::string_view kPaymentPrefix = "payment:";

// kept_since:<partition>
inline constexpr std::string_view kSinceMs = "since_ms";  // no order from `version` on was created before this log time

// progress:<partition>; its version is the position of the NEXT intent.
inline constexpr std::string_view kGeneration = "generation";
inline constexpr std::string_view kPartitions = "partitions";

}  // namespace sluice::redis_keys
