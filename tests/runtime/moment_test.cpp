#include "runtime/moment.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace sluice {
namespace {

constexpr std::int64_t kNow = 1'000'000;

TEST(Moment, ReadsRfc3339) {
  EXPECT_EQ(parse_moment("1970-01-01T00:00:01Z", kNow), 1'000);
  EXPECT_EQ(parse_moment("2026-12-24T06:00:00Z", kNow), 1'798'092'000'000);
  EXPECT_EQ(parse_moment("2026-12-24T07:00:00.250+01:00", kNow), 1'798'092'000'250);
  EXPECT_EQ(parse_moment("2026-12-24T00:30:00.5-05:30", kNow), 1'798'092'000'500);
  EXPECT_EQ(parse_moment("2026-12-24T06:00:00.1239999Z", kNow), 1'798'092'000'123);
  EXPECT_EQ(parse_moment("2028-02-29T00:00:00Z", kNow), 1'835'395'200'000);
}

TEST(Moment, TellsRfc3339FromSpans) {
  EXPECT_EQ(parse_rfc3339("2026-12-24T07:00:00.250+01:00"), 1'798'092'000'250);
  EXPECT_EQ(parse_rfc3339("+5s"), std::nullopt);
  EXPECT_EQ(parse_rfc3339(""), std::nullopt);
}

TEST(Moment, ReadsSpansFromNow) {
  EXPECT_EQ(parse_moment("+0s", kNow), kNow);
  EXPECT_EQ(parse_moment("+5s", kNow), kNow + 5'000);
  EXPECT_EQ(parse_moment("+250ms", kNow), kNow + 250);
  EXPECT_EQ(parse_moment("+1h30m", kNow), kNow + 5'400'000);
  EXPECT_EQ(parse_moment("+1d2h3m4s5ms", kNow), kNow + 93'784'005);
}

TEST(Moment, RefusesEverythingElse) {
  for (const char* text : {"",
                           "+",
                           "5s",
                           "+5",
                           "+s",
                           "+5s3h",
                           "+5s5s",
                           "+-5s",
                           "+5 s",
                           "+5weeks",
                           "+1.5s",
                           "-5s",
                           "tomorrow",
                           "infinite-future",
                           "2026-12-24",
                           "2026-12-24 06:00:00",
                           "2026-12-24T06:00:00",
                           "2026-13-24T06:00:00Z",
                           "2027-02-29T00:00:00Z",
                           "2026-12-24T24:00:00Z",
                           "2026-12-24T06:60:00Z",
                           "2026-12-24T06:00:60Z",
                           "2026-12-24T06:00:00+1:00",
                           "2026-12-24T06:00:00Z ",
                           "26-12-24T06:00:00Z",
                           "2026-12-24T06:00:00Z.",
                           "+99999999999999999999s",
                           "+9223372036854775807d"}) {
    EXPECT_EQ(parse_moment(text, kNow), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace sluice
