#include "schemas/partitioner.h"

#include <cstdint>

namespace sluice {
namespace {

// MurmurHash2 (Austin Appleby, public domain) with the seed and the little-endian reads of org.apache.kafka.common.utils.Utils.
std::uint32_t murmur2(std::string_view key) {
  constexpr std::uint32_t kSeed = 0x9747b28c;
  constexpr std::uint32_t kMix = 0x5bd1e995;
  constexpr int kShift = 24;
  const auto byte = [key](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(key[i])); };

  std::uint32_t hash = kSeed ^ static_cast<std::uint32_t>(key.size());
  std::size_t i = 0;
  for (; i + 4 <= key.size(); i += 4) {
    std::uint32_t word = byte(i) | byte(i + 1) << 8 | byte(i + 2) << 16 | byte(i + 3) << 24;
    word *= kMix;
    word ^= word >> kShift;
    word *= kMix;
    hash *= kMix;
    hash ^= word;
  }
  if (const std::size_t rest = key.size() - i; rest > 0) {
    if (rest == 3) hash ^= byte(i + 2) << 16;
    if (rest >= 2) hash ^= byte(i + 1) << 8;
    hash ^= byte(i);
    hash *= kMix;
  }
  hash ^= hash >> 13;
  hash *= kMix;
  hash ^= hash >> 15;
  return hash;
}

}  // namespace

Partition partition_of(std::string_view key, int partition_count) {
  return {static_cast<std::int32_t>((murmur2(key) & 0x7fffffffU) % static_cast<std::uint32_t>(partition_count))};
}

}  // namespace sluice
