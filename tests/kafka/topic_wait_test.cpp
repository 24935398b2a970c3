#include "kafka/topic_wait.h"

#include <gmock/gmock.h>

#include "schemas/topics.h"
#include "tests/kafka/real_broker.h"
#include "tests/runtime/comes_true.h"

namespace sluice::kafka {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

class TopicWaitTest : public RealBrokerTest {
 protected:
  // What it ends with, when it is asked until it knows.
  Result<void> outcome(std::vector<NeededTopic> topics) {
    TopicWait wait(client_, std::move(topics), std::chrono::milliseconds(300));
    Result<void> asked;
    EXPECT_TRUE(comes_true([&] {
      asked = wait.ask();
      return asked.ok() || asked.error().kind == Error::Kind::kFatal;
    }));
    return asked;
  }
};

TEST_F(TopicWaitTest, TakesTopicsThatAreAsTheyMustBe) {
  const auto asked = outcome({{make_topic_like(kIntentsTopic, 3), kIntentsTopic, 3},
                              {make_topic_like(kOrdersTopic, 3), kOrdersTopic, 3},
                              {make_topic_like(kDeadLettersTopic, 1), kDeadLettersTopic, std::nullopt}});
  EXPECT_TRUE(asked) << asked.error().message;
}

TEST_F(TopicWaitTest, WaitsForATopicThatIsComing) {
  const std::string name = unique("late");
  TopicWait wait(client_, {{name, kOrdersTopic, 2}});
  const auto first = wait.ask();
  ASSERT_FALSE(first);
  EXPECT_EQ(first.error().kind, Error::Kind::kRetryable);
  EXPECT_THAT(first.error().message, StartsWith("topic " + name + " is missing at "));
}

TEST_F(TopicWaitTest, RefusesAMissingTopicAndNamesTheCommandThatMakesIt) {
  const auto asked = outcome({{unique("never"), kOrdersTopic, 2}});
  ASSERT_FALSE(asked);
  EXPECT_THAT(asked.error().message,
              HasSubstr("`sluicectl topics create --brokers " + client_.brokers + " --partitions 2` makes the topics"));
}

TEST_F(TopicWaitTest, RefusesAnotherNumberOfPartitions) {
  const auto asked = outcome({{make_topic_like(kOrdersTopic, 3), kOrdersTopic, 4}});
  ASSERT_FALSE(asked);
  EXPECT_THAT(asked.error().message, HasSubstr("has 3 partitions, but topics.partitions is 4: put the topic's number there"));
}

TEST_F(TopicWaitTest, RefusesSettingsThatBreakAPromise) {
  const std::string name = make_topic(3);  // kept for a week only
  const auto asked = outcome({{name, kOrdersTopic, 3}});
  ASSERT_FALSE(asked);
  EXPECT_THAT(asked.error().message,
              AllOf(HasSubstr("topic " + name + " has retention.ms="), HasSubstr("--add-config retention.ms=-1")));
}

TEST_F(TopicWaitTest, WaitsForABrokerThatDoesNotAnswer) {
  TopicWait wait({.brokers = "127.0.0.1:1", .name = "sluice-test"}, {{"orders", kOrdersTopic, 3}});
  const auto asked = wait.ask();
  ASSERT_FALSE(asked);
  EXPECT_EQ(asked.error().kind, Error::Kind::kRetryable);
  EXPECT_THAT(asked.error().message, StartsWith("waiting for Kafka at 127.0.0.1:1: "));
}

}  // namespace
}  // namespace sluice::kafka
