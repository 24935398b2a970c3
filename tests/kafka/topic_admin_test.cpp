#include "kafka/topic_admin.h"

#include <gmock/gmock.h>

#include "kafka/topic_check.h"
#include "tests/kafka/real_broker.h"

namespace sluice::kafka {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

class TopicAdminTest : public RealBrokerTest {
 protected:
  void SetUp() override {
    RealBrokerTest::SetUp();
    if (HasFatalFailure()) return;
    auto admin = TopicAdmin::open(client_, seconds(20));
    ASSERT_TRUE(admin);
    admin_ = std::move(*admin);
  }
  std::unique_ptr<TopicAdmin> admin_;
};

TEST_F(TopicAdminTest, CreatesATopicAsAskedAndOnlyOnce) {
  const NewTopic topic{unique("created"), 3, 1, {{"retention.ms", "1234567"}}};
  const auto first = admin_->create(topic);
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_TRUE(*first);
  EXPECT_FALSE(admin_->create(topic).value());
  EXPECT_EQ(admin_->partition_count(topic.name).value(), 3);
  const auto settings = admin_->settings_of(topic.name);
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_EQ(settings->at("retention.ms"), "1234567");
  EXPECT_EQ(settings->at("cleanup.policy"), "delete") << "the broker's default shows too";
}

TEST_F(TopicAdminTest, RefusesASettingThatTheBrokerDoesNotTake) {
  const auto created = admin_->create({unique("bad"), 1, 1, {{"retention.ms", "soon"}}});
  ASSERT_FALSE(created);
  EXPECT_THAT(created.error().message, HasSubstr("retention.ms"));
}

TEST_F(TopicAdminTest, SaysThatATopicIsNotThere) {
  EXPECT_FALSE(admin_->partition_count("no-such-topic"));
  EXPECT_FALSE(admin_->settings_of("no-such-topic"));
}

TEST_F(TopicAdminTest, ChecksTopicsOnTheBrokerAgainstWhatIsRequired) {
  const std::string name = unique("checked");
  const TopicSetting required[] = {{name, "message.timestamp.type", TopicSetting::Must::kEqual, "LogAppendTime", "a reason"},
                                   {name, "retention.ms", TopicSetting::Must::kAtLeast, "1000", "another"}};
  const auto missing = check_topics(*admin_, 2, required);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, Error::Kind::kRetryable);

  ASSERT_TRUE(admin_->create({name, 2, 1, settings_to_create(name, required)}));
  const auto good = check_topics(*admin_, 2, required);
  EXPECT_TRUE(good) << good.error().message;
  const auto other_count = check_topics(*admin_, 3, required);
  ASSERT_FALSE(other_count);
  EXPECT_THAT(other_count.error().message, HasSubstr("has 2 partitions"));

  const TopicSetting more[] = {{name, "retention.ms", TopicSetting::Must::kAtLeast, "2000", "a reason"}};
  const auto too_short = check_topics(*admin_, 2, more);
  ASSERT_FALSE(too_short);
  EXPECT_EQ(too_short.error().kind, Error::Kind::kFatal);
  EXPECT_THAT(too_short.error().message, HasSubstr("--add-config retention.ms=2000"));
}

}  // namespace
}  // namespace sluice::kafka
