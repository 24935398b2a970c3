#include "kafka/topic_admin.h"

#include <gmock/gmock.h>

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
  EXPECT_EQ(admin_->partition_count(topic.name).value().value(), 3);
  EXPECT_EQ(admin_->copies_of(topic.name).value(), 1);
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
  EXPECT_EQ(admin_->partition_count("no-such-topic").value(), std::nullopt);
  EXPECT_FALSE(admin_->copies_of("no-such-topic"));
  EXPECT_FALSE(admin_->settings_of("no-such-topic"));
}

}  // namespace
}  // namespace sluice::kafka
