#include "runtime/result.h"

#include <gtest/gtest.h>

#include <memory>

namespace sluice {
namespace {

TEST(ResultTest, HoldsAValueOrAnError) {
  const Result<int> seven = 7;
  EXPECT_TRUE(seven.ok());
  EXPECT_EQ(seven.value(), 7);

  const Result<int> failed = Error::retryable("the broker does not answer");
  EXPECT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().kind, Error::Kind::kRetryable);
  EXPECT_EQ(failed.error().message, "the broker does not answer");
}

TEST(ResultTest, HandsOutWhatCanOnlyBeMoved) {
  Result<std::unique_ptr<int>> made = std::make_unique<int>(3);
  const std::unique_ptr<int> taken = std::move(made).value();
  EXPECT_EQ(*taken, 3);
}

TEST(ResultTest, SaysOfNothingWhetherItWorked) {
  EXPECT_TRUE(Result<void>().ok());
  EXPECT_EQ(Result<void>(Error::fenced("another owner")).error().kind, Error::Kind::kFenced);
}

TEST(ResultTest, AbortsWhenSomebodyTakesTheValueOfAnError) {
  const Result<int> failed = Error::fatal("no");
  EXPECT_DEATH(failed.value(), "CHECK failed: ok\\(\\)");
  EXPECT_DEATH(Result<int>(1).error(), "CHECK failed: !ok\\(\\)");
}

}  // namespace
}  // namespace sluice
