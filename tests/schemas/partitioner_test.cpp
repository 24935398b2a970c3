#include "schemas/partitioner.h"

#include <gtest/gtest.h>

#include <string>

namespace sluice {
namespace {

// murmur2 in Java's signed numbers, from org.apache.kafka.common.utils.UtilsTest.
constexpr std::pair<const char*, std::int32_t> kKnownHashes[] = {
    {"21", -973932308},
    {"foobar", -790332482},
    {"a-little-bit-long-string", -985981536},
    {"a-little-bit-longer-string", -1486304829},
    {"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971},
    {"abc", 479470107},
};

TEST(PartitionerTest, AgreesWithJavaOnEveryCountOfPartitions) {
  for (const auto& [key, hash] : kKnownHashes) {
    for (const int count : {1, 2, 3, 8, 64, 4096, 1'000'003}) {
      EXPECT_EQ(partition_of(key, count).value, (hash & 0x7fffffff) % count) << key << " of " << count;
    }
  }
}

TEST(PartitionerTest, GivesAllBitsOfTheHash) {
  for (const auto& [key, hash] : kKnownHashes) {
    EXPECT_EQ(partition_of(key, 0x7fffffff).value, (hash & 0x7fffffff) % 0x7fffffff) << key;
  }
}

TEST(PartitionerTest, TakesBytesBeyondAscii) {
  const int with_high_bits = partition_of("\xff\xfe\xfd", 1'000'003).value;
  EXPECT_GE(with_high_bits, 0);
  EXPECT_NE(with_high_bits, partition_of("\x7f\x7e\x7d", 1'000'003).value);
}

TEST(PartitionerTest, UsesEveryPartition) {
  std::array<int, 8> keys_of{};
  for (int i = 0; i < 800; ++i) ++keys_of.at(static_cast<std::size_t>(partition_of("sku-" + std::to_string(i), 8).value));
  for (const int keys : keys_of) EXPECT_GT(keys, 50);
}

}  // namespace
}  // namespace sluice
