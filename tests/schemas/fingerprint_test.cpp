#include "schemas/fingerprint.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace sluice {
namespace {

// Known answers come from Python's hashlib and xxhash.
TEST(FingerprintTest, IsTheFirst16BytesOfSha256) {
  EXPECT_EQ(purchase_fingerprint("alice", "mask", "k1"), (Fingerprint{0xbf90d20c74466f67, 0x2d77842d670df890}));
  EXPECT_EQ(admin_fingerprint("restock-3"), (Fingerprint{0x444270998437dd71, 0x39219df552f09875}));
  EXPECT_EQ(sale_fingerprint("mask", "feb"), (Fingerprint{0x8f3cac2b67e90c24, 0xc41c0ea07ded71b2}));
}

TEST(FingerprintTest, OfAUserIsXxh3) {
  EXPECT_EQ(user_fingerprint("alice"), (Fingerprint{0x48bb949a3dd26afa, 0xc9a1342ad0e35dd2}));
}

TEST(FingerprintTest, KeepsApartWhatReadsTheSameWhenJoined) {
  std::set<std::pair<std::uint64_t, std::uint64_t>> seen;
  for (const Fingerprint f :
       {purchase_fingerprint("ab", "c", "d"), purchase_fingerprint("a", "bc", "d"), purchase_fingerprint("a", "b", "cd"),
        purchase_fingerprint("b", "a", "cd"), purchase_fingerprint("", "ab", "cd")}) {
    EXPECT_TRUE(seen.emplace(f.high, f.low).second);
  }
}

TEST(FingerprintTest, KeepsUsesApart) {
  EXPECT_NE(admin_fingerprint("x"), user_fingerprint("x"));
  EXPECT_NE(sale_fingerprint("a", "b"), purchase_fingerprint("", "a", "b"));
}

TEST(FingerprintTest, TakesBytesAsTheyAre) {
  EXPECT_NE(user_fingerprint(std::string("a\0b", 3)), user_fingerprint("a"));
  EXPECT_NE(user_fingerprint(std::string(255, 'x')), user_fingerprint(std::string(254, 'x')));
}

TEST(ContentFingerprintTest, IsXxh3) {
  EXPECT_EQ(content_fingerprint(""), 0x2d06800538d394c2U);
  EXPECT_EQ(content_fingerprint("abc"), 0x78af5f94892f3950U);
  EXPECT_EQ(content_fingerprint(std::string(300, 'x')), 0xa5d1b4607dc83554U);
}

}  // namespace
}  // namespace sluice
