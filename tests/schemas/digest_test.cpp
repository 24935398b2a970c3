#include "schemas/digest.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

// Known answers come from Python's xxhash and struct.
TEST(DigestTest, GivesTheKnownAnswers) {
  const std::uint64_t first = next_digest(kDigestOfNothing, 0, 1580508000123, "ruling");
  EXPECT_EQ(first, 0x52d79181b34ad98cU);
  EXPECT_EQ(next_digest(first, 1, 1580508000124, ""), 0x719906b6ec338cc0U);
}

TEST(DigestTest, ChangesWithEverythingThatEntersIt) {
  const std::uint64_t digest = next_digest(1, 2, 3, "ruling");
  EXPECT_NE(next_digest(2, 2, 3, "ruling"), digest);
  EXPECT_NE(next_digest(1, 3, 3, "ruling"), digest);
  EXPECT_NE(next_digest(1, 2, 4, "ruling"), digest);
  EXPECT_NE(next_digest(1, 2, 3, "rulinG"), digest);
  EXPECT_NE(next_digest(1, 2, 3, ""), digest);
}

TEST(DigestTest, DependsOnTheOrderOfRulings) {
  const std::uint64_t ab = next_digest(next_digest(kDigestOfNothing, 0, 9, "a"), 1, 9, "b");
  const std::uint64_t ba = next_digest(next_digest(kDigestOfNothing, 0, 9, "b"), 1, 9, "a");
  EXPECT_NE(ab, ba);
}

}  // namespace
}  // namespace sluice
