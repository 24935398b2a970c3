#include "runtime/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::MatchesRegex;

class LogTest : public testing::Test {
 protected:
  ~LogTest() override { set_log_level(LogLevel::kInfo); }
};

TEST_F(LogTest, WritesTimeLevelAndText) {
  testing::internal::CaptureStderr();
  log_info("lane {} starts at offset {}", 3, 17);
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              MatchesRegex("[0-9-]+T[0-9:]+\\.[0-9]+Z info lane 3 starts at offset 17\n"));
}

TEST_F(LogTest, KeepsALineALineWhateverIsInIt) {
  testing::internal::CaptureStderr();
  log_warning("user {} said no", "x\n2026-01-01 error forged\x1b[2J");
  EXPECT_THAT(testing::internal::GetCapturedStderr(), EndsWith("user x\\n2026-01-01 error forged\\x1b[2J said no\n"));
}

TEST_F(LogTest, TakesBracesInArgumentsAsTheyAre) {
  testing::internal::CaptureStderr();
  log_error("bad JSON: {}", "{}{0}");
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("bad JSON: {}{0}\n"));
}

TEST_F(LogTest, LeavesOutWhatIsBelowItsLevel) {
  testing::internal::CaptureStderr();
  log_debug("not by default");
  set_log_level(LogLevel::kError);
  log_info("no");
  log_warning("no");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_FALSE(is_logged(LogLevel::kWarning));
  EXPECT_TRUE(is_logged(LogLevel::kError));
}

TEST_F(LogTest, KnowsItsLevelsByName) {
  EXPECT_THAT(log_level_names(), testing::ElementsAre("debug", "info", "warning", "error"));
  EXPECT_EQ(log_level_of("debug"), LogLevel::kDebug);
  EXPECT_EQ(log_level_of("error"), LogLevel::kError);
  EXPECT_DEATH(log_level_of("loud"), "CHECK failed");
}

}  // namespace
}  // namespace sluice
