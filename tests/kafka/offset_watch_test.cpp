#include "kafka/offset_watch.h"

#include <gtest/gtest.h>

namespace sluice::kafka {
namespace {

TEST(OffsetWatchTest, IsContentWithALogThatGrows) {
  OffsetWatch watch;
  watch.begins_at(10);
  for (const int offset : {10, 11, 13, 200}) watch.acknowledged(offset);
  EXPECT_FALSE(watch.fall());
}

TEST(OffsetWatchTest, SeesALogThatBeginsAgainAlsoWithItsFirstMessage) {
  OffsetWatch watch;
  watch.begins_at(10);
  watch.acknowledged(0);
  ASSERT_TRUE(watch.fall());
  EXPECT_EQ(watch.fall()->offset, 0);
  EXPECT_EQ(watch.fall()->end, 10);
}

TEST(OffsetWatchTest, DoesNotForgetWhenTheNewLogHasBecomeLonger) {
  OffsetWatch watch;
  watch.acknowledged(5);
  for (const int offset : {5, 6, 7}) watch.acknowledged(offset);
  EXPECT_TRUE(watch.fall());
}

TEST(OffsetWatchTest, TakesNothingFromAnAcknowledgementWithoutAnOffset) {
  OffsetWatch watch;
  watch.begins_at(10);
  watch.acknowledged(-1);
  EXPECT_FALSE(watch.fall());
  watch.acknowledged(10);
  EXPECT_FALSE(watch.fall());
}

}  // namespace
}  // namespace sluice::kafka
