// Pure: what a request asks for, and whether it may. The rules of every header and field of the public API stand here; bounds
// that the log has as well come from schemas/intent_format.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ingest/http.h"
#include "ingest/problems.h"
#include "schemas/fingerprint.h"
#include "schemas/ids.h"
#include "schemas/intent.pb.h"

namespace sluice {

inline constexpr int kWaitSecondsMax = 30;

// Seconds that the client lets us hold the answer back: `Prefer: wait=n` (RFC 7240; what is malformed there is ignored, as it
// demands) or, for reads, `?wait=n`; else `otherwise`. At most kWaitSecondsMax, whatever was asked for.
Admitted<int> wait_seconds(const HttpRequest& request, int otherwise = 0);

// A body must be declared as JSON. Nothing: it is.
std::optional<Refusal> problem_with_type(const HttpRequest& request);

// The Idempotency-Key: 1 to 64 visible ASCII characters, with or without the quotes of the header's draft standard. What it
// returns is the key without them.
Admitted<std::string_view> admit_key(const HttpRequest& request);

// A purchase that may be appended.
struct AdmittedPurchase {
  Fingerprint fingerprint;  // of (user, SKU, key)
  Partition partition;
  std::uint32_t quantity = 0;
};

// Writes the purchase to `intent`, which is overwritten.
Admitted<AdmittedPurchase> admit_purchase(std::string_view user, std::string_view key, std::string_view sku,
                                          std::uint32_t quantity, int partitions, v1::Intent& intent);

}  // namespace sluice
