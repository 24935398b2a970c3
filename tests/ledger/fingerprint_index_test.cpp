#include "ledger/fingerprint_index.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "ledger/user_units.h"

namespace sluice {
namespace {

std::optional<std::uint32_t> find(const FingerprintIndex& index, std::uint32_t hash, std::uint32_t number) {
  return index.find(hash, [number](std::uint32_t candidate) { return candidate == number; });
}

// Hashes that all fall onto a few places, also the last ones, where a search goes on at the front.
TEST(FingerprintIndexTest, FindsWhatIsThereAndNothingElseHoweverHashesCollide) {
  std::mt19937 dice(7);  // NOLINT(cert-msc51-cpp): the same each time
  for (const std::uint32_t spread : {1U, 5U, 1000U}) {
    FingerprintIndex index;
    std::map<std::uint32_t, std::uint32_t> hash_of;  // by number
    std::uint32_t next = 0;
    for (int step = 0; step < 4'000; ++step) {
      if (dice() % 3 > 0 || hash_of.empty()) {
        const std::uint32_t hash = ~std::uint32_t{0} - static_cast<std::uint32_t>(dice()) % spread * 0x01000000U;
        index.insert(hash, next);
        hash_of[next++] = hash;
      } else {
        const auto some = std::next(hash_of.begin(), static_cast<std::ptrdiff_t>(dice() % hash_of.size()));
        if (dice() % 4 == 0) {
          index.renumber(some->second, some->first, next);
          hash_of[next++] = some->second;
        } else {
          index.erase(some->second, some->first);
          EXPECT_FALSE(find(index, some->second, some->first).has_value());
        }
        hash_of.erase(some);
      }
      ASSERT_EQ(index.size(), hash_of.size());
      if (step % 100 != 0) continue;
      for (const auto& [number, hash] : hash_of) ASSERT_EQ(find(index, hash, number), number) << "step " << step;
      ASSERT_FALSE(find(index, 12345, 0).has_value());
    }
  }
}

TEST(FingerprintIndexTest, FindsNothingWhileItIsEmpty) {
  FingerprintIndex index;
  EXPECT_FALSE(find(index, 1, 1).has_value());
  index.reserve(1000);
  EXPECT_FALSE(find(index, 1, 1).has_value());
  index.insert(1, 1);
  index.reserve(100'000);
  EXPECT_EQ(find(index, 1, 1), 1U);
}

TEST(UserUnitsTest, CountsAsAMapWould) {
  std::mt19937 dice(7);  // NOLINT(cert-msc51-cpp): the same each time
  UserUnits units;
  std::map<std::uint64_t, std::uint32_t> expected;
  for (int step = 0; step < 20'000; ++step) {
    const std::uint64_t user = dice() % 3'000;
    const Fingerprint key{user, ~user};
    ASSERT_EQ(units.of(key), expected.contains(user) ? expected[user] : 0U);
    if (const auto has = expected.find(user); has != expected.end() && dice() % 2 == 0) {
      const std::uint32_t gone = 1 + static_cast<std::uint32_t>(dice()) % has->second;
      units.remove(key, gone);
      if ((has->second -= gone) == 0) expected.erase(has);
    } else {
      units.add(key, 3);
      expected[user] += 3;
    }
    ASSERT_EQ(units.size(), expected.size());
  }
}

TEST(UserUnitsTest, AreEqualInWhateverOrderUsersCame) {
  UserUnits one;
  UserUnits other;
  one.add(Fingerprint{1, 1}, 1);
  one.add(Fingerprint{2, 2}, 1);
  other.add(Fingerprint{2, 2}, 1);
  EXPECT_FALSE(one == other);
  other.add(Fingerprint{1, 1}, 1);
  EXPECT_TRUE(one == other);
  other.add(Fingerprint{1, 1}, 1);
  EXPECT_FALSE(one == other);
}

}  // namespace
}  // namespace sluice
