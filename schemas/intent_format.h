// Pure: which intents are well formed: the magic, the bounds of every field, and the texts that say what is wrong. Writers
// check before they append; the ledger checks again, since a log can be written to by anybody with access.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "schemas/intent.pb.h"

namespace sluice {

inline constexpr std::uint32_t kIntentMagic = 0x31494C53;

inline constexpr std::size_t kSkuBytesMax = 64;
inline constexpr std::size_t kNameBytesMax = 64;    // users, request keys, payment ids, sale ids
inline constexpr std::size_t kProseBytesMax = 200;  // titles, reasons
inline constexpr std::uint32_t kQuantityMax = 1000;
inline constexpr int kSlotsMax = 96;
inline constexpr std::uint32_t kSlotQuantityMax = 1'000'000'000;
inline constexpr std::int64_t kPriceMinorMax = 1'000'000'000'000;
inline constexpr std::uint32_t kHoldSecondsMax = 7 * 24 * 3600;
inline constexpr std::int64_t kStockDeltaMax = 1'000'000'000;
inline constexpr std::uint32_t kDueLimitMax = 1000;

// What is wrong with the message, naming the field, its bounds and what was found; empty if nothing is.
std::string problem_with(const v1::Purchase& purchase);
std::string problem_with(const v1::Pay& pay);
std::string problem_with(const v1::Cancel& cancel);
std::string problem_with(const v1::Refund& refund);
std::string problem_with(const v1::RefundSettled& settled);
std::string problem_with(const v1::Due& due);
std::string problem_with(const v1::DefineSale& sale);
std::string problem_with(const v1::AdjustStock& adjust);
std::string problem_with(const v1::Freeze& freeze);

// The same for whatever the intent asks. REQUIRES: it has a kind.
std::string problem_with(const v1::Intent& intent);

// A SKU is 1..64 characters of A-Z a-z 0-9 . _ - so that it can stand in a Redis key, a URL and a metric as it is.
bool is_sku(std::string_view text);

enum class Readability {
  kIntent,
  kUnreadable,  // no intent: no magic, not parseable, or without a kind
  kNewer,       // an intent of a kind, or with a field, that this build does not know
};

// Parses the value of a message of `intents` into `intent`, which is overwritten (reuse it: parsing then allocates nothing).
Readability read_intent(std::string_view bytes, v1::Intent& intent);

// The bytes of the Purchase in an intent that is the magic and a purchase, as every writer here writes it; nothing otherwise.
// Parsing these into a reused Purchase allocates nothing, while an Intent gives up its message whenever it is parsed again.
std::optional<std::string_view> purchase_in(std::string_view intent_bytes);

// Whether protobuf met fields in the message that this build does not know: they come from a writer that is newer.
bool has_unknown_fields(const google::protobuf::Message& message);

}  // namespace sluice
