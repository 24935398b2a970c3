#include "stack/buyers/tally.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

TEST(Tally, CountsBuyersOnceAndRequestsEach) {
  Tally tally(3);
  tally.asked(1);
  tally.asked(1);
  tally.acknowledged();
  tally.unknown();
  EXPECT_EQ(tally.json(5, false), R"({"t":5,"buyers":3,"arrived":1,"asked":2,"acknowledged":1,"unknown":1,)"
                                  R"("open":2,"verdicts":{},"began":{},"settled":{},"gave_up":0,"final":false})");
}

TEST(Tally, EndsWithVerdictsAndLatencies) {
  Tally tally(2);
  for (int buyer : {0, 1, 1}) tally.asked(buyer);
  tally.ended("held", 30);
  tally.ended("sold_out", 10);
  tally.gave_up();
  EXPECT_EQ(
      tally.json(5, true),
      R"({"t":5,"buyers":2,"arrived":2,"asked":3,"acknowledged":0,"unknown":0,"open":0,"verdicts":{"held":1,"sold_out":1},)"
      R"("began":{},"settled":{},"gave_up":1,"final":true,"latency_ms":{"p50":30,"p99":30,"max":30}})");
}

TEST(Percentile, IsTheNearestRank) {
  EXPECT_EQ(percentile({}, 0.5), 0);
  EXPECT_EQ(percentile({1, 2, 3, 4}, 0.5), 3);
  EXPECT_EQ(percentile({1, 2, 3, 4}, 0.99), 4);
  EXPECT_EQ(percentile({1, 2, 3, 4}, 1.0), 4);
}

}  // namespace
}  // namespace sluice
