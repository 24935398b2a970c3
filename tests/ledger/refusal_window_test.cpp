#include "ledger/refusal_window.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

Fingerprint key(std::uint64_t number) { return {number, 1}; }

RefusalWindow::Refusal refusal(Offset offset) {
  return {Ticket::of({0}, Position::at({1}, offset)), /*content=*/1, v1::SOLD_OUT};
}

TEST(RefusalWindowTest, RemembersTheFirstRefusalOfAKey) {
  RefusalWindow window;
  window.keep(key(1), refusal(10), 1000);
  window.keep(key(1), refusal(11), 1001);
  ASSERT_NE(window.find(key(1)), nullptr);
  EXPECT_EQ(window.find(key(1))->ticket.position().offset(), 10);
  EXPECT_EQ(window.find(key(2)), nullptr);
}

TEST(RefusalWindowTest, ForgetsByLogTime) {
  RefusalWindow window;
  window.keep(key(1), refusal(10), 1000);
  window.forget_before(1000 + RefusalWindow::kKeepMillis - 1);
  EXPECT_NE(window.find(key(1)), nullptr);
  window.forget_before(1000 + RefusalWindow::kKeepMillis);
  EXPECT_EQ(window.find(key(1)), nullptr);
}

TEST(RefusalWindowTest, ForgetsTheOldestWhenItIsFull) {
  RefusalWindow window(/*refusals_max=*/2);
  for (Offset offset = 1; offset <= 3; ++offset) window.keep(key(static_cast<std::uint64_t>(offset)), refusal(offset), 1000);
  EXPECT_EQ(window.find(key(1)), nullptr);
  EXPECT_NE(window.find(key(2)), nullptr);
  EXPECT_NE(window.find(key(3)), nullptr);
}

TEST(RefusalWindowTest, SaysFromWhereItMustBeFilledAgain) {
  RefusalWindow window;
  EXPECT_EQ(window.first_offset(77), 77);
  window.keep(key(1), refusal(10), 1000);
  window.keep(key(2), refusal(12), 1000);
  EXPECT_EQ(window.first_offset(77), 10);
}

}  // namespace
}  // namespace sluice
