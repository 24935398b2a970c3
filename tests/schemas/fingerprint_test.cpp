#include "schemas/fingerprint.h"

#include <gtest/gtest.h>
#include <openssl/sha.h>

#include <array>
#include <set>
#include <string>

namespace sluice {
namespace {

// Known answers come from Python's hashlib and xxhash.
TEST(FingerprintTest, IsTheFirst16BytesOfSha256) {
  EXPECT_EQ(purchase_fingerprint("alice", "mask", "k1"), (Fingerprint{0xb868e87ab4258983, 0x95f9eb7a83e0c0b0}));
  EXPECT_EQ(admin_fingerprint("restock-3"), (Fingerprint{0x444270998437dd71, 0x39219df552f09875}));
  EXPECT_EQ(sale_fingerprint("mask", "feb"), (Fingerprint{0x8f3cac2b67e90c24, 0xc41c0ea07ded71b2}));
}

TEST(FingerprintTest, OfAPurchaseIsSha256AtEveryLength) {
  const auto part = [](const std::string& text) { return static_cast<char>(text.size()) + text; };
  for (const std::size_t sku_bytes : {1U, 53U, 54U, 55U, 64U, 200U}) {
    const std::string sku(sku_bytes, 's');
    std::string head = part("purchase") + part(sku);
    head.resize((head.size() + 63) / 64 * 64);
    const PurchaseKeys keys(sku);
    for (std::size_t bytes = 0; bytes <= 255; ++bytes) {
      const std::string user(bytes / 2, 'u');
      const std::string key(bytes - bytes / 2, 'k');
      const std::string message = head + part(user) + part(key);
      std::array<unsigned char, SHA256_DIGEST_LENGTH> digest;
      SHA256(reinterpret_cast<const unsigned char*>(message.data()), message.size(), digest.data());
      Fingerprint expected;
      for (std::size_t i = 0; i < 8; ++i) {
        expected.high = expected.high << 8 | digest[i];
        expected.low = expected.low << 8 | digest[8 + i];
      }
      ASSERT_EQ(keys.of(user, key), expected) << sku_bytes << " " << bytes;
      ASSERT_EQ(purchase_fingerprint(user, sku, key), expected) << sku_bytes << " " << bytes;
    }
  }
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
