#include "kafka/idempotent_producer.h"

#include <gmock/gmock.h>

#include <set>

#include "schemas/partitioner.h"
#include "tests/kafka/real_broker.h"

namespace sluice::kafka {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using End = Delivery::End;

class IdempotentProducerTest : public RealBrokerTest {
 protected:
  std::unique_ptr<IdempotentProducer> open(IdempotentProducerSettings settings) {
    auto producer = IdempotentProducer::open(client_, settings);
    EXPECT_TRUE(producer) << producer.error().message;
    return std::move(*producer);
  }

  std::vector<Delivery> all_deliveries(IdempotentProducer& producer) {
    std::vector<Delivery> all;
    while (producer.in_flight() > 0) {
      const auto deliveries = producer.poll(seconds(20));
      EXPECT_TRUE(deliveries);
      if (!deliveries || deliveries->empty()) break;
      all.insert(all.end(), deliveries->begin(), deliveries->end());
    }
    return all;
  }
};

TEST_F(IdempotentProducerTest, TellsEachMessagesOffsetAndTag) {
  const auto topic = make_topic();
  auto producer = open({.topics = {topic}});
  constexpr std::uint64_t kTags = 1000;
  for (std::uint64_t tag = 0; tag < kTags; ++tag) ASSERT_TRUE(producer->send(topic, 0, "", "payload", tag + (1ULL << 63)));
  const auto deliveries = all_deliveries(*producer);
  ASSERT_EQ(deliveries.size(), kTags);
  std::set<std::uint64_t> tags;
  for (const Delivery& delivery : deliveries) {
    EXPECT_EQ(delivery.end, End::kAcknowledged);
    EXPECT_EQ(delivery.partition, 0);
    EXPECT_EQ(static_cast<std::uint64_t>(delivery.offset) + (1ULL << 63), delivery.tag) << "appended in the order of sending";
    tags.insert(delivery.tag);
  }
  EXPECT_EQ(tags.size(), kTags);
}

TEST_F(IdempotentProducerTest, SendsAKeyWhereOurPartitionerAndJavasSendIt) {
  const auto topic = make_topic(8);
  auto producer = open({.topics = {topic}});
  for (std::uint64_t tag = 0; tag < 100; ++tag) {
    ASSERT_TRUE(producer->send(topic, std::nullopt, "sku-" + std::to_string(tag), "payload", tag));
  }
  for (const Delivery& delivery : all_deliveries(*producer)) {
    EXPECT_EQ(delivery.partition, partition_of("sku-" + std::to_string(delivery.tag), 8).value);
  }
}

TEST_F(IdempotentProducerTest, KnowsHowManyPartitionsATopicHas) {
  const auto topic = make_topic(5);
  EXPECT_EQ(open({.topics = {topic}})->partition_count(topic, seconds(20)).value(), 5);
}

TEST_F(IdempotentProducerTest, RefusesMoreInFlightThanItsBoundAndTakesMoreAgainAfterwards) {
  const auto topic = make_topic();
  auto producer = open({.topics = {topic}, .linger = milliseconds(200), .in_flight_max = 3});
  for (std::uint64_t tag = 0; tag < 3; ++tag) ASSERT_TRUE(producer->send(topic, 0, "", "payload", tag));
  const auto refused = producer->send(topic, 0, "", "payload", 3);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, Error::Kind::kRetryable);
  EXPECT_EQ(all_deliveries(*producer).size(), 3U);
  EXPECT_TRUE(producer->send(topic, 0, "", "payload", 4));
  EXPECT_EQ(all_deliveries(*producer).size(), 1U);
}

TEST_F(IdempotentProducerTest, AMessageThatTheBrokerRefusesIsSurelyNotWritten) {
  auto admin = TopicAdmin::open(client_, seconds(20));
  ASSERT_TRUE(admin);
  const auto narrow = unique("narrow");
  ASSERT_TRUE((*admin)->create({narrow, 1, 1, {{"max.message.bytes", "500"}}}));
  auto producer = open({.topics = {narrow}});
  ASSERT_TRUE(producer->send(narrow, 0, "", std::string(5000, 'x'), 1));
  const auto deliveries = producer->poll(seconds(20));
  ASSERT_TRUE(deliveries);
  ASSERT_EQ(deliveries->size(), 1U);
  EXPECT_EQ(deliveries->front().end, End::kNotWritten);
  EXPECT_EQ(deliveries->front().tag, 1U);
}

TEST_F(IdempotentProducerTest, RingsWhenAMessageHasEnded) {
  const auto topic = make_topic();
  const Bell bell;
  auto producer = open({.topics = {topic}});
  producer->ring(bell.descriptor());
  for (std::uint64_t tag = 1; tag <= 3; ++tag) {
    ASSERT_TRUE(producer->send(topic, 0, "", "payload", tag));
    ASSERT_TRUE(bell.rings());
    const auto deliveries = producer->poll(milliseconds(0));
    ASSERT_TRUE(deliveries);
    ASSERT_EQ(deliveries->size(), 1U);
    EXPECT_EQ(deliveries->front().tag, tag);
  }
}

}  // namespace
}  // namespace sluice::kafka
