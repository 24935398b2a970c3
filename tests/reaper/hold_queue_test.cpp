#include "reaper/hold_queue.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

HoldQueue queue_of(std::uint64_t count) {
  HoldQueue queue;
  for (std::uint64_t i = 1; i <= count; ++i) {
    const auto time = static_cast<UnixMillis>(i);
    EXPECT_TRUE(queue.add({.order = i, .deadline = 100 + time, .ripe = 200 + 2 * time, .log_offset = 10 * time}));
  }
  return queue;
}

TEST(HoldQueueTest, TheOldestIsTheFirstThatIsStillHeld) {
  HoldQueue queue = queue_of(4);
  EXPECT_EQ(queue.oldest().order, 1U);
  ASSERT_TRUE(queue.close(2));
  EXPECT_EQ(queue.oldest().order, 1U);
  ASSERT_TRUE(queue.close(1));
  EXPECT_EQ(queue.oldest().order, 3U);
  EXPECT_EQ(queue.size(), 2U);
}

TEST(HoldQueueTest, TellsWhatItKnewOfAClosedHoldOnce) {
  HoldQueue queue = queue_of(4);
  const auto closed = queue.close(3);
  ASSERT_TRUE(closed);
  EXPECT_EQ(closed->ripe, 206);
  EXPECT_EQ(closed->log_offset, 30);
  EXPECT_FALSE(queue.close(3));
  EXPECT_FALSE(queue.contains(3));
  EXPECT_FALSE(queue.close(99));
}

TEST(HoldQueueTest, RefusesWhatDoesNotComeAfterTheOthers) {
  HoldQueue queue = queue_of(4);
  EXPECT_FALSE(queue.add({.order = 4, .deadline = 200, .ripe = 300, .log_offset = 50}));
  EXPECT_FALSE(queue.add({.order = 5, .deadline = 103, .ripe = 300, .log_offset = 50}));
  EXPECT_EQ(queue.size(), 4U);
}

TEST(HoldQueueTest, AnAppendTimeThatStepsBackRipensNotBeforeTheOneBefore) {
  HoldQueue queue = queue_of(2);
  ASSERT_TRUE(queue.add({.order = 3, .deadline = 103, .ripe = 150, .log_offset = 30}));
  EXPECT_EQ(queue.close(3)->ripe, 204);
}

TEST(HoldQueueTest, FindsTheFirstThatIsNotRipeAmongThoseStillHeld) {
  HoldQueue queue = queue_of(4);  // ripe at 202, 204, 206, 208
  EXPECT_EQ(queue.first_unripe(203)->order, 2U);
  ASSERT_TRUE(queue.close(2));
  EXPECT_EQ(queue.first_unripe(203)->order, 3U);
  EXPECT_EQ(queue.first_unripe(206)->order, 4U) << "ripe means: the time is over";
  EXPECT_EQ(queue.first_unripe(208), nullptr);
}

TEST(HoldQueueTest, CountsUpToADeadlineAndABound) {
  HoldQueue queue = queue_of(10);
  EXPECT_EQ(queue.count_through(104, 100), 4U);
  EXPECT_EQ(queue.count_through(104, 2), 2U);
  ASSERT_TRUE(queue.close(3));
  EXPECT_EQ(queue.count_through(104, 100), 3U);
  EXPECT_EQ(queue.count_through(100, 100), 0U);
}

TEST(HoldQueueTest, SaysWhenAllUpToADeadlineAreRipe) {
  HoldQueue queue = queue_of(4);
  EXPECT_EQ(queue.all_ripe(103), 206);
  ASSERT_TRUE(queue.close(3));
  EXPECT_EQ(queue.all_ripe(103), 204) << "one that is closed keeps nobody waiting";
  EXPECT_EQ(queue.all_ripe(100), 0);
}

TEST(HoldQueueTest, ForgetsClosedHoldsBehindOneThatStays) {
  HoldQueue queue;
  ASSERT_TRUE(queue.add({.order = 1, .deadline = 1, .ripe = 1, .log_offset = 0}));
  for (std::uint64_t i = 2; i < 100'000; ++i) {
    ASSERT_TRUE(queue.add({.order = i, .deadline = 2, .ripe = 2, .log_offset = 1}));
    ASSERT_TRUE(queue.close(i));
  }
  EXPECT_EQ(queue.size(), 1U);
  EXPECT_LT(queue.kept(), 2'000U);
}

}  // namespace
}  // namespace sluice
