#include "ledger/copy_pace.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

using std::chrono::milliseconds;

class CopyPaceTest : public testing::Test {
 protected:
  // `intents` are decided in the next window, and a piece of the copy that took `worked` ends with it.
  std::chrono::nanoseconds rest_after(std::int64_t intents, milliseconds worked = milliseconds(2)) {
    pace_.note_decided(intents);
    now_ += CopyPace::kWindow;
    return pace_.rest(worked, now_);
  }

  CopyPace pace_;
  CopyPace::Instant now_ = CopyPace::Instant() + std::chrono::hours(1);
  const std::int64_t rush_ = CopyPace::kRushIntentsPerSecond * CopyPace::kWindow.count() / 1000 + 1;  // in a window
};

TEST_F(CopyPaceTest, DoesNotRestWhileLittleIsDecided) {
  EXPECT_EQ(rest_after(0).count(), 0);
  EXPECT_EQ(rest_after(rush_ / 2).count(), 0);
  EXPECT_EQ(rest_after(rush_ / 2).count(), 0);
}

TEST_F(CopyPaceTest, RestsMostOfTheTimeInARush) {
  rest_after(0);
  EXPECT_EQ(rest_after(rush_), milliseconds(18));
  EXPECT_EQ(pace_.rest(milliseconds(3), now_ + milliseconds(1)), milliseconds(27)) << "the window is not over";
}

TEST_F(CopyPaceTest, GoesOnAtFullSpeedWhenTheRushIsOver) {
  rest_after(0);
  rest_after(rush_);
  EXPECT_EQ(rest_after(10).count(), 0);
}

// Somebody may wait for the thread to leave a store.
TEST_F(CopyPaceTest, NeverRestsForLong) {
  rest_after(0);
  EXPECT_EQ(rest_after(10 * rush_, milliseconds(5'000)), CopyPace::kRestMax);
}

}  // namespace
}  // namespace sluice
