// Pure: which partition a key goes to: murmur2 as Kafka's Java client computes it, so that every producer in every language
// agrees.
#pragma once

#include <string_view>

#include "schemas/ids.h"

namespace sluice {

// Partition of `key` among `partition_count` (>= 1) partitions: (murmur2(key) & 0x7fffffff) mod partition_count.
Partition partition_of(std::string_view key, int partition_count);

}  // namespace sluice
