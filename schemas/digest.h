// Pure: the digest chain of a partition, which proves that two copies of a history are the same one.
#pragma once

#include <cstdint>
#include <string_view>

#include "schemas/ids.h"

namespace sluice {

inline constexpr std::uint64_t kDigestOfNothing = 0;

// Digest after one more ruling: XXH3 (64 bits, seed = `previous`) of three little-endian 8-byte words: the offset, the log time
// and XXH3 (seed 0) of `ruling`: the serialised Change of an intent that changed something, or the serialised Verdict of one
// that did not, followed by the SKU that its record says it was about. Where a record begins and how it spells log times and
// SKUs does not enter. Intents that were voided (v1::Voided) are folded once, all of a record together: `offset` is the last
// one, `ruling` the serialised Voided followed by the first offset in 8 little-endian bytes.
std::uint64_t next_digest(std::uint64_t previous, Offset offset, UnixMillis log_time, std::string_view ruling);

}  // namespace sluice
