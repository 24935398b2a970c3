#include "kafka/transactional_producer.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <chrono>

#include "schemas/topics.h"
#include "tests/kafka/real_broker.h"

namespace sluice::kafka {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class TransactionalProducerTest : public RealBrokerTest {
 protected:
  // In a transaction that nobody ends; the broker has it.
  static void leave_open(TransactionalProducer& producer, const std::string& payload) {
    ASSERT_TRUE(producer.begin());
    ASSERT_TRUE(producer.produce("key", payload));
    ASSERT_TRUE(producer.flush());
  }

  std::vector<std::string> committed(const std::string& topic, std::int32_t partition = 0) {
    auto reader = this->reader(topic);
    EXPECT_TRUE(reader->start_at(partition, 0));
    return read_to_end(*reader);
  }

  static void expect_fenced(const Result<void>& outcome) {
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().kind, Error::Kind::kFenced) << outcome.error().message;
  }
};

TEST_F(TransactionalProducerTest, CommitsTransactionAfterTransaction) {
  const auto topic = make_topic();
  auto producer = writer(topic, unique("id"));
  write(*producer, {"a", "b"});
  write(*producer, {"c"});
  EXPECT_THAT(committed(topic), ElementsAre("a", "b", "c"));
}

TEST_F(TransactionalProducerTest, LeavesTheBrokerTimeToWriteTheMarkersOfTheTransactionBefore) {
  auto producer = writer(make_topic(), unique("id"));
  auto longest = std::chrono::steady_clock::duration::zero();  // of several: this thread may not have run just after a commit
  for (int i = 0; i < 10; ++i) {
    write(*producer, {"a"});
    const auto committed = std::chrono::steady_clock::now();
    ASSERT_TRUE(producer->begin());
    longest = std::max(longest, std::chrono::steady_clock::now() - committed);
    ASSERT_TRUE(producer->produce("key", "b"));
    ASSERT_TRUE(producer->flush());
    ASSERT_TRUE(producer->commit());
  }
  EXPECT_GT(longest, kMarkersWritten / 2);
}

TEST_F(TransactionalProducerTest, WritesToItsPartitionWhateverTheKeySays) {
  const auto topic = make_topic(4);
  auto producer = TransactionalProducer::open(client_, {.transactional_id = unique("id"), .topic = topic, .partition = 3});
  ASSERT_TRUE(producer);
  ASSERT_TRUE((*producer)->init());
  write(**producer, {"a", "b", "c"});
  EXPECT_THAT(committed(topic, 3), ElementsAre("a", "b", "c"));
}

TEST_F(TransactionalProducerTest, TakesOverFromAHolderWithAnOpenTransactionThatNobodyEverSees) {
  const auto topic = make_topic();
  const auto id = unique("id");
  auto first = writer(topic, id);
  leave_open(*first, "never seen");

  auto second = writer(topic, id);
  expect_fenced(first->commit());
  write(*second, {"seen"});
  EXPECT_THAT(committed(topic), ElementsAre("seen"));
}

TEST_F(TransactionalProducerTest, AFencedHolderCannotAppend) {
  const auto topic = make_topic();
  const auto id = unique("id");
  auto first = writer(topic, id);
  leave_open(*first, "before");
  auto second = writer(topic, id);
  (void)first->produce("key", "after");
  expect_fenced(first->flush());
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
  expect_fenced(outcome);
}

TEST_F(TransactionalProducerTest, WhatADroppedProducerLeftOpenIsResolvedByTheNext) {
  const auto topic = make_topic();
  const auto id = unique("id");
  {
    auto dropped = writer(topic, id);
    leave_open(*dropped, "left open");
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

// One batch each while they are smaller than kBatchBytesMax; the third has two.
TEST_F(TransactionalProducerTest, OrdersTakesTransactionsOfAnySize) {
  const auto topic = make_topic_like(kOrdersTopic, 1);
  auto producer = writer(topic, unique("id"));
  const std::string payload(1'000, 'x');
  std::size_t written = 0;
  for (const int count : {1'100, 7'700, 9'000}) {
    ASSERT_TRUE(producer->begin());
    for (int i = 0; i < count; ++i) ASSERT_TRUE(producer->produce("key", payload));
    const auto flushed = producer->flush();
    ASSERT_TRUE(flushed) << flushed.error().message;
    ASSERT_TRUE(producer->commit());
    written += static_cast<std::size_t>(count);
  }
  EXPECT_EQ(committed(topic).size(), written);
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
