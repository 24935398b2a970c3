#include "kafka/topic_check.h"

#include <gmock/gmock.h>

namespace sluice::kafka {
namespace {

using testing::HasSubstr;

constexpr TopicSetting kRequired[] = {
    {"log", "message.timestamp.type", TopicSetting::Must::kEqual, "LogAppendTime", "the broker's clock counts"},
    {"log", "retention.ms", TopicSetting::Must::kAtLeast, "1000", "late readers"},
    {"other", "retention.ms", TopicSetting::Must::kEqual, "-1", "history"},
};

std::optional<std::string> problem(const std::string& type, const std::string& retention) {
  return problem_with_settings("log", {{"message.timestamp.type", type}, {"retention.ms", retention}}, kRequired);
}

TEST(TopicCheckTest, TakesATopicThatIsSetAsRequired) { EXPECT_EQ(problem("LogAppendTime", "1000"), std::nullopt); }

TEST(TopicCheckTest, TakesMoreWhereAtLeastIsRequired) { EXPECT_EQ(problem("LogAppendTime", "1001"), std::nullopt); }

TEST(TopicCheckTest, TakesUnlimitedWhereAtLeastIsRequired) { EXPECT_EQ(problem("LogAppendTime", "-1"), std::nullopt); }

TEST(TopicCheckTest, RefusesLessWithTheReasonAndTheRemedy) {
  const auto text = problem("LogAppendTime", "999");
  ASSERT_TRUE(text);
  EXPECT_THAT(*text, HasSubstr("retention.ms=999"));
  EXPECT_THAT(*text, HasSubstr("late readers"));
  EXPECT_THAT(*text, HasSubstr("--add-config retention.ms=1000"));
}

TEST(TopicCheckTest, RefusesAnotherValue) { EXPECT_THAT(*problem("CreateTime", "1000"), HasSubstr("message.timestamp.type")); }

TEST(TopicCheckTest, RefusesASettingThatIsNotThere) { EXPECT_TRUE(problem_with_settings("other", {}, kRequired)); }

TEST(TopicCheckTest, GivesTheSettingsToCreateATopicWith) {
  const std::map<std::string, std::string> expected = {{"message.timestamp.type", "LogAppendTime"}, {"retention.ms", "1000"}};
  EXPECT_EQ(settings_to_create("log", kRequired), expected);
}

}  // namespace
}  // namespace sluice::kafka
