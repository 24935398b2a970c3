#include "reaper/pacing.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

constexpr PacingLimits kLimits{.fruitless_min = 20, .answer_min = 1'000, .pause_max = 8'000};
constexpr UnixMillis kNow = 1'000'000;

TEST(PacingTest, ADueIsOverWhenTheRulingsHaveComePastIt) {
  Pacing pacing(kLimits);
  pacing.asked(1, kNow);
  pacing.asked(2, kNow);
  EXPECT_EQ(pacing.on_their_way(100, kNow), 2) << "nobody knows yet where they stand";
  pacing.written(1, 7, kNow);
  pacing.written(2, 9, kNow);
  EXPECT_EQ(pacing.on_their_way(7, kNow), 2);
  EXPECT_EQ(pacing.on_their_way(8, kNow), 1);
  EXPECT_EQ(pacing.on_their_way(10, kNow), 0);
}

TEST(PacingTest, TheFirstWithoutEffectCostsNoPauseAndTheNextEverMore) {
  Pacing pacing(kLimits);
  UnixMillis now = kNow;
  std::uint64_t id = 0;
  const auto pause_after_another = [&] {
    pacing.asked(++id, now);
    pacing.written(id, 0, now);
    EXPECT_EQ(pacing.on_their_way(1, now), 0);
    const UnixMillis from = now;
    while (pacing.pauses(now)) ++now;
    return now - from;
  };
  for (const UnixMillis pause : {0, 20, 40, 80, 160, 320, 640, 1280, 2560, 5120, 8000, 8000}) {
    EXPECT_EQ(pause_after_another(), pause);
  }
  pacing.has_effect();
  EXPECT_EQ(pause_after_another(), 0);
}

TEST(PacingTest, WhatIsNotAnsweredIsForgottenAfterWaitsThatGrow) {
  Pacing pacing(kLimits);
  UnixMillis now = kNow;
  std::uint64_t id = 0;
  const auto waits_for_another = [&] {
    pacing.asked(++id, now);
    pacing.written(id, 50, now);
    const UnixMillis from = now;
    while (pacing.on_their_way(50, now) > 0) ++now;
    return now - from;
  };
  for (const UnixMillis wait : {1000, 2000, 4000, 8000, 8000}) EXPECT_EQ(waits_for_another(), wait);
  pacing.has_effect();
  EXPECT_EQ(waits_for_another(), 1000);
}

TEST(PacingTest, WhatWasNotWrittenIsAskedAgainAfterAPause) {
  Pacing pacing(kLimits);
  pacing.asked(1, kNow);
  pacing.written(1, std::nullopt, kNow);
  EXPECT_EQ(pacing.on_their_way(0, kNow), 0);
  EXPECT_TRUE(pacing.pauses(kNow + 999));
  EXPECT_FALSE(pacing.pauses(kNow + 1000));
  pacing.asked(2, kNow + 1000);
  pacing.written(2, std::nullopt, kNow + 1000);
  EXPECT_TRUE(pacing.pauses(kNow + 2999));
}

TEST(PacingTest, NamesOfOthersAreIgnored) {
  Pacing pacing(kLimits);
  pacing.asked(1, kNow);
  pacing.written(2, std::nullopt, kNow);
  EXPECT_EQ(pacing.on_their_way(0, kNow), 1);
  EXPECT_FALSE(pacing.pauses(kNow));
}

TEST(PacingTest, AClockThatIsSetBackNeitherPausesNorWaitsForLong) {
  Pacing pacing(kLimits);
  pacing.pause_until(kNow + 5'000);
  EXPECT_TRUE(pacing.pauses(kNow));
  EXPECT_FALSE(pacing.pauses(kNow - 3'600'000));
  pacing.asked(1, kNow);
  EXPECT_EQ(pacing.on_their_way(0, kNow - 3'600'000), 1);
  EXPECT_EQ(pacing.on_their_way(0, kNow - 3'600'000 + 1'000), 0);
}

}  // namespace
}  // namespace sluice
