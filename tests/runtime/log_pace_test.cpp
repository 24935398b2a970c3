#include "runtime/log_pace.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

TEST(LogPaceTest, WritesALineOnceWhileItGoesOn) {
  LogPace pace(std::chrono::seconds(60));
  EXPECT_TRUE(pace.is_due("Redis is away"));
  EXPECT_FALSE(pace.is_due("Redis is away"));
  EXPECT_TRUE(pace.is_due("MySQL is away"));
  EXPECT_FALSE(pace.is_due("Redis is away"));
}

TEST(LogPaceTest, WritesItAgainAfterAWhile) {
  LogPace pace(std::chrono::seconds(0));
  EXPECT_TRUE(pace.is_due("Redis is away"));
  EXPECT_TRUE(pace.is_due("Redis is away"));
}

TEST(LogPaceTest, WritesItAgainWhenItBeginsAnew) {
  LogPace pace(std::chrono::seconds(60));
  EXPECT_TRUE(pace.is_due("Redis is away"));
  pace.forget();
  EXPECT_TRUE(pace.is_due("Redis is away"));
}

TEST(LogPaceTest, KeepsNoMoreThanSomeLines) {
  LogPace pace(std::chrono::seconds(60));
  EXPECT_TRUE(pace.is_due("the first"));
  for (int i = 0; i < 256; ++i) EXPECT_TRUE(pace.is_due(std::to_string(i)));
  EXPECT_TRUE(pace.is_due("the first"));
}

}  // namespace
}  // namespace sluice
