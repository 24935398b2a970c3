#include "reaper/sku_deadlines.h"

#include <gmock/gmock.h>

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr UnixMillis kSecond = 1000;

v1::Order order(Offset number, UnixMillis created, std::uint32_t hold_seconds) {
  v1::Order order;
  order.set_id(Ticket::of(Partition{3}, Position::at(Generation{1}, number)).value);
  order.set_created_ms(created);
  order.set_hold_seconds(hold_seconds);
  order.set_deadline_ms(created + kSecond * hold_seconds);
  return order;
}

v1::DefineSale sale(const std::vector<UnixMillis>& opens) {
  v1::DefineSale sale;
  for (const UnixMillis time : opens) sale.add_slots()->set_opens_ms(time);
  return sale;
}

TEST(SkuDeadlinesTest, AHoldIsRipeWhenItsOwnTimeIsOverAndNotAtItsDeadline) {
  SkuDeadlines sku;
  ASSERT_TRUE(sku.hold(order(1, 1'000, 60), /*append_time=*/6'000, 1));
  EXPECT_EQ(sku.due_at(), 66'000);
  EXPECT_EQ(sku.release_at(65'999, 10).orders, 0U);
  EXPECT_EQ(sku.release_at(66'000, 10).orders, 1U);
}

TEST(SkuDeadlinesTest, AReleaseStopsBeforeTheFirstDeadlineOfOneWhoseTimeIsNotOver) {
  SkuDeadlines sku;
  ASSERT_TRUE(sku.hold(order(1, 1'000, 60), 1'010, 1));
  ASSERT_TRUE(sku.hold(order(2, 1'500, 60), 9'000, 2));  // the ledger was slow
  ASSERT_TRUE(sku.hold(order(3, 2'000, 60), 9'010, 3));
  const auto release = sku.release_at(65'000, 10);
  EXPECT_EQ(release.orders, 1U);
  EXPECT_EQ(release.through, 61'499);
}

TEST(SkuDeadlinesTest, ALongHoldWaitsForAShortOneWithAnEarlierDeadlineWhoseTimeIsNotOver) {
  SkuDeadlines sku;
  ASSERT_TRUE(sku.hold(order(1, 0, 60), 10, 1));          // deadline 60 s, ripe at 60.01
  ASSERT_TRUE(sku.hold(order(2, 50'000, 5), 70'000, 2));  // deadline 55 s, ripe at 75
  EXPECT_EQ(sku.due_at(), 75'000);
  EXPECT_EQ(sku.release_at(61'000, 10).orders, 0U);
  EXPECT_EQ(sku.release_at(75'000, 10).orders, 2U);
}

TEST(SkuDeadlinesTest, OneThatIsPaidKeepsNobodyWaiting) {
  SkuDeadlines sku;
  ASSERT_TRUE(sku.hold(order(1, 0, 60), 10, 1));
  ASSERT_TRUE(sku.hold(order(2, 50'000, 5), 70'000, 2));
  ASSERT_TRUE(sku.close(order(2, 50'000, 5)));
  EXPECT_EQ(sku.due_at(), 60'010);
  EXPECT_EQ(sku.release_at(60'010, 10).orders, 1U);
}

// Two purchases of one millisecond, on one of which the ledger ruled later, have one deadline.
TEST(SkuDeadlinesTest, OrdersOfOneDeadlineAreReleasedWhenAllOfThemAreRipe) {
  SkuDeadlines sku;
  ASSERT_TRUE(sku.hold(order(1, 1'000, 60), 1'010, 1));
  ASSERT_TRUE(sku.hold(order(2, 1'000, 60), 8'000, 2));
  EXPECT_EQ(sku.due_at(), 68'000);
  EXPECT_EQ(sku.release_at(67'999, 10).orders, 0U);
  EXPECT_EQ(sku.release_at(68'000, 10).orders, 2U);
}

// Log time stands still while a broker's clock is back: the records of what is bought meanwhile are dated before their
// purchases. When the clock is set right, log time leaps, and they go though they are not that old by anybody's watch
// (ledger/README.md).
TEST(SkuDeadlinesTest, OrdersThatWereDatedByAClockThatStoodBackAreReleasedByTheirDeadline) {
  SkuDeadlines sku;
  ASSERT_TRUE(sku.hold(order(1, 100'000, 60), /*append_time=*/40'000, 1));  // the clock has been set back by a minute
  ASSERT_TRUE(sku.hold(order(2, 100'000, 60), /*append_time=*/99'000, 2));  // 59 s later it has nearly caught up
  EXPECT_EQ(sku.due_at(), 160'000) << "not by append time and hold, at which the ledger would not release yet";
  EXPECT_EQ(sku.release_at(159'999, 10).orders, 0U);
  EXPECT_EQ(sku.release_at(160'000, 10).orders, 2U) << "also the one that was bought 59 s after log time stopped";
}

TEST(SkuDeadlinesTest, AReleaseGoesNeverBeyondLogTime) {
  SkuDeadlines sku;
  ASSERT_TRUE(sku.hold(order(1, 1'000, 60), 1'010, 1));
  EXPECT_EQ(sku.release_at(100'000, 10).through, 100'000);
}

TEST(SkuDeadlinesTest, TheSameHoldReadTwiceCountsOnce) {
  SkuDeadlines sku;
  ASSERT_TRUE(sku.hold(order(1, 0, 60), 10, 1));
  ASSERT_TRUE(sku.hold(order(1, 0, 60), 20, 2));
  EXPECT_EQ(sku.held(), 1U);
  EXPECT_FALSE(sku.hold(order(0, 0, 60), 20, 2)) << "comes out of turn";
}

TEST(SkuDeadlinesTest, SlotsOpenByEveryRulingOnTheirSku) {
  SkuDeadlines sku;
  sku.define(sale({100, 200, 300}), {5, 5});
  EXPECT_EQ(sku.due_at(), 100);
  EXPECT_THAT(sku.open_slots(99), IsEmpty());
  EXPECT_THAT(sku.open_slots(200), ElementsAre(100, 200));
  EXPECT_EQ(sku.due_at(), 300);
  EXPECT_THAT(sku.open_slots(300), ElementsAre(300));
  EXPECT_EQ(sku.due_at(), kNever);
}

TEST(SkuDeadlinesTest, ADefinitionReplacesTheSlotsOfTheOneBefore) {
  SkuDeadlines sku;
  sku.define(sale({100, 200}), {5, 5});
  sku.define(sale({100, 400}), {9, 9});
  EXPECT_THAT(sku.open_slots(150), ElementsAre(100));
  EXPECT_EQ(sku.due_at(), 400);
  EXPECT_EQ(sku.oldest_live(), (ReadMark{9, 9}));
}

TEST(SkuDeadlinesTest, TheOldestLiveRecordIsAHoldsOrTheDefinitionsWhileASlotIsToCome) {
  SkuDeadlines sku;
  EXPECT_EQ(sku.oldest_live(), std::nullopt);
  sku.define(sale({100, 400}), {5, 7});
  ASSERT_TRUE(sku.hold(order(11, 150, 60), 160, 9));
  ASSERT_TRUE(sku.hold(order(12, 150, 30), 160, 10));
  EXPECT_EQ(sku.oldest_live(), (ReadMark{5, 7}));
  sku.open_slots(400);
  EXPECT_EQ(sku.oldest_live(), (ReadMark{9, 11}));
  ASSERT_TRUE(sku.close(order(11, 150, 60)));
  EXPECT_EQ(sku.oldest_live(), (ReadMark{10, 12}));
  ASSERT_TRUE(sku.close(order(12, 150, 30)));
  EXPECT_EQ(sku.oldest_live(), std::nullopt);
}

}  // namespace
}  // namespace sluice
