#include "kafka/transactional_producer.h"

#include <gmock/gmock.h>

#include "tests/kafka/real_broker.h"

namespace sluice::kafka {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using TransactionalProducerTest = RealBrokerTest;

TEST_F(TransactionalProducerTest, CommitsTransactionAfterTransaction) {
  const auto topic = make_topic();
  auto producer = writer(topic, unique("id"));
  write(*producer, {"a", "b"});
  write(*producer, {"c"});
  auto reader = this->reader(topic);
  ASSERT_TRUE(reader->start_at(0, 0));
  EXPECT_THAT(read_to_end(*reader), ElementsAre("a", "b", "c"));
}

TEST_F(TransactionalProducerTest, WritesToItsPartitionWhateverTheKeySays) {
  const auto topic = make_topic(4);
  auto producer = TransactionalProducer::open(client_, {.transactional_id = unique("id"), .topic = topic, .partition = 3});
  ASSERT_TRUE(producer);
  ASSERT_TRUE((*producer)->init());
  write(**producer, {"a", "b", "c"});
  auto reader = this->reader(topic);
  ASSERT_TRUE(reader->start_at(3, 0));
  EXPECT_THAT(read_to_end(*reader), ElementsAre("a", "b", "c"));
}

TEST_F(TransactionalProducerTest, TakesOverFromAHolderWithAnOpenTransactionThatNobodyEverSees) {
  const auto topic = make_topic();
  const auto id = unique("id");
  auto first = writer(topic, id);
  ASSERT_TRUE(first->begin());
  ASSERT_TRUE(first->produce("key", "never seen"));
  ASSERT_TRUE(first->flush());

  auto second = writer(topic, id);
  const auto commit = first->commit();
  ASSERT_FALSE(commit);
  EXPECT_EQ(commit.error().kind, Error::Kind::kFenced) << commit.error().message;

  write(*second, {"seen"});
  auto reader = this->reader(topic);
  ASSERT_TRUE(reader->start_at(0, 0));
  EXPECT_THAT(read_to_end(*reader), ElementsAre("seen"));
}

TEST_F(TransactionalProducerTest, AFencedHolderCannotAppend) {
  const auto topic = make_topic();
  const auto id = unique("id");
  auto first = writer(topic, id);
  ASSERT_TRUE(first->begin());
  ASSERT_TRUE(first->produce("key", "before"));
  ASSERT_TRUE(first->flush());
  auto second = writer(topic, id);
  (void)first->produce("key", "after");
  const auto flushed = first->flush();
  ASSERT_FALSE(flushed);
  EXPECT_EQ(flushed.error().kind, Error::Kind::kFenced) << flushed.error().message;
}

TEST_F(TransactionalProducerTest, AFencedHolderThatWasIdleFailsAtItsNextTransaction) {
  const auto topic = make_topic();
  const auto id = unique("id");
  auto first = writer(topic, id);
  write(*first, {"a"});
  auto second = writer(topic, id);
  ASSERT_TRUE(first->begin());
  Result<void> outcome = first->produce("key", "b");
  if (outcome) outcome = first->flush();
  if (outcome) outcome = first->commit();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, Error::Kind::kFenced) << outcome.error().message;
}

TEST_F(TransactionalProducerTest, WhatADroppedProducerLeftOpenIsResolvedByTheNext) {
  const auto topic = make_topic();
  const auto id = unique("id");
  {
    auto dropped = writer(topic, id);
    ASSERT_TRUE(dropped->begin());
    ASSERT_TRUE(dropped->produce("key", "left open"));
    ASSERT_TRUE(dropped->flush());
  }
  auto next = writer(topic, id);
  auto asking = reader(topic, Isolation::kReadUncommitted);
  auto reading = reader(topic);
  const auto high = asking->bounds(0, seconds(20)).value().high;
  EXPECT_EQ(high, 2);  // the record and the marker that ended it
  EXPECT_EQ(reading->bounds(0, seconds(20)).value().high, high) << "nothing may stand open after init()";
  ASSERT_TRUE(reading->start_at(0, 0));
  EXPECT_THAT(read_to_end(*reading), IsEmpty());
}

TEST_F(TransactionalProducerTest, ReportsAMessageThatTheBrokerRefuses) {
  const auto topic = make_topic();
  auto admin = TopicAdmin::open(client_, seconds(20));
  ASSERT_TRUE(admin);
  const auto narrow = unique("narrow");
  ASSERT_TRUE((*admin)->create({narrow, 1, 1, {{"max.message.bytes", "500"}}}));
  auto producer = writer(narrow, unique("id"));
  ASSERT_TRUE(producer->begin());
  ASSERT_TRUE(producer->produce("key", std::string(5000, 'x')));
  const auto flushed = producer->flush();
  ASSERT_FALSE(flushed);
  EXPECT_EQ(flushed.error().kind, Error::Kind::kFatal);
  EXPECT_THAT(flushed.error().message, HasSubstr(narrow));
}

TEST_F(TransactionalProducerTest, RefusesAPartitionThatTheTopicDoesNotHave) {
  const auto topic = make_topic(2);
  auto producer = TransactionalProducer::open(client_, {.transactional_id = unique("id"), .topic = topic, .partition = 2});
  ASSERT_TRUE(producer);
  const auto initialised = (*producer)->init();
  ASSERT_FALSE(initialised);
  EXPECT_THAT(initialised.error().message, HasSubstr("has 2 partitions"));
}

}  // namespace
}  // namespace sluice::kafka
