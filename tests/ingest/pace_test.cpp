#include "ingest/pace.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

TEST(Pace, CountsTheIntentsInFront) {
  Pace pace;
  pace.appended(120);
  pace.decided(100, 1'000);
  EXPECT_EQ(pace.place(120), 20);
  EXPECT_EQ(pace.place(100), 0);
  EXPECT_EQ(pace.place(50), 0);
}

TEST(Pace, KnowsNoTimeBeforeItHasMeasured) {
  Pace pace;
  pace.appended(10);
  pace.decided(5, 1'000);
  EXPECT_FALSE(pace.eta_seconds(10).has_value());
}

TEST(Pace, KnowsNoTimeWhileNothingHasEverBeenDecided) {
  Pace pace;
  pace.appended(10);
  for (UnixMillis now = 1'000; now <= 5'000; now += 100) pace.decided(0, now);
  EXPECT_FALSE(pace.eta_seconds(10).has_value());
}

TEST(Pace, EstimatesByTheRateAtWhichWaitingIntentsAreDecided) {
  Pace pace;
  pace.appended(1'000'000);
  for (UnixMillis now = 0; now <= 2'000; now += 50) pace.decided(now * 10, 1'000 + now);  // 10,000 a second
  ASSERT_TRUE(pace.eta_seconds(1'000'000).has_value());
  EXPECT_NEAR(*pace.eta_seconds(1'000'000), 98.0, 0.1);
}

TEST(Pace, DoesNotTakeAnIdleLedgerForASlowOne) {
  Pace pace;
  pace.appended(10'000);
  for (UnixMillis now = 0; now <= 1'000; now += 50) pace.decided(now * 10, 1'000 + now);
  pace.decided(10'001, 2'050);
  for (UnixMillis now = 3'000; now <= 60'000; now += 1'000) pace.decided(10'001, now);
  pace.appended(10'100);
  EXPECT_LT(*pace.eta_seconds(10'100), 0.1);
}

TEST(Pace, GrowsThePredictionWhenTheLedgerStandsStill) {
  Pace pace;
  pace.appended(100'000);
  for (UnixMillis now = 0; now <= 1'000; now += 50) pace.decided(now * 10, 1'000 + now);
  const double before = *pace.eta_seconds(100'000);
  for (UnixMillis now = 2'000; now <= 10'000; now += 500) pace.decided(10'000, 1'000 + now);
  EXPECT_GT(*pace.eta_seconds(100'000), 10 * before);
}

TEST(Pace, SurvivesAClockThatJumpsBack) {
  Pace pace;
  pace.appended(1'000);
  pace.decided(10, 10'000);
  pace.decided(20, 500);
  pace.decided(30, 1'000);
  pace.decided(40, 1'500);
  EXPECT_GT(*pace.eta_seconds(1'000), 0);
}

}  // namespace
}  // namespace sluice
