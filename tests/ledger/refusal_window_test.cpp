#include "ledger/refusal_window.h"

#include <gtest/gtest.h>

#include <deque>
#include <random>
#include <set>

namespace sluice {
namespace {

Fingerprint key(std::uint64_t number) { return {number, 1}; }

RefusalWindow::Refusal refusal(Offset offset) { return {offset, /*content=*/1, v1::SOLD_OUT}; }

TEST(RefusalWindowTest, RemembersTheFirstRefusalOfAKey) {
  RefusalWindow window;
  window.keep(key(1), refusal(10), 1000);
  window.keep(key(1), refusal(11), 1001);
  ASSERT_TRUE(window.find(key(1)));
  EXPECT_EQ(window.find(key(1))->offset, 10);
  EXPECT_FALSE(window.find(key(2)));
}

TEST(RefusalWindowTest, ForgetsByLogTime) {
  RefusalWindow window;
  window.keep(key(1), refusal(10), 1000);
  window.forget_before(1000 + RefusalWindow::kKeepMillis - 1);
  EXPECT_TRUE(window.find(key(1)));
  window.forget_before(1000 + RefusalWindow::kKeepMillis);
  EXPECT_FALSE(window.find(key(1)));
}

TEST(RefusalWindowTest, ForgetsTheOldestWhenItIsFull) {
  RefusalWindow window(/*refusals_max=*/2);
  for (Offset offset = 1; offset <= 3; ++offset) window.keep(key(static_cast<std::uint64_t>(offset)), refusal(offset), 1000);
  EXPECT_FALSE(window.find(key(1)));
  EXPECT_TRUE(window.find(key(2)));
  EXPECT_TRUE(window.find(key(3)));
}

TEST(RefusalWindowTest, SaysFromWhereItMustBeFilledAgain) {
  RefusalWindow window;
  EXPECT_EQ(window.first_offset(77), 77);
  window.keep(key(1), refusal(10), 1000);
  window.keep(key(2), refusal(12), 1000);
  EXPECT_EQ(window.first_offset(77), 10);
}

// Against a plain list, over many times its size, so that memory goes round.
TEST(RefusalWindowTest, RemembersWhatAListWould) {
  std::mt19937 dice(7);  // NOLINT(cert-msc51-cpp): the same each time
  constexpr std::size_t kMax = 3'000;
  RefusalWindow window(kMax);
  std::deque<std::pair<std::uint64_t, UnixMillis>> expected;
  std::set<std::uint64_t> keys;
  UnixMillis now = 0;
  for (Offset offset = 0; offset < 30'000; ++offset) {
    now += dice() % 1'000 == 0 ? RefusalWindow::kKeepMillis / 2 : 1;
    const std::uint64_t number = dice() % 20'000;
    window.forget_before(now);
    while (!expected.empty() && expected.front().second + RefusalWindow::kKeepMillis <= now) {
      keys.erase(expected.front().first);
      expected.pop_front();
    }
    ASSERT_EQ(window.find(key(number)).has_value(), keys.contains(number)) << offset;
    window.keep(key(number), refusal(offset), now);
    if (keys.insert(number).second) expected.emplace_back(number, now);
    if (expected.size() > kMax) {
      keys.erase(expected.front().first);
      expected.pop_front();
    }
    ASSERT_EQ(window.size(), expected.size());
  }
}

}  // namespace
}  // namespace sluice
