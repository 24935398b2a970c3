#include <gmock/gmock.h>

#include "kafka/idempotent_producer.h"
#include "kafka/topic_reader.h"
#include "kafka/transactional_producer.h"
#include "tests/kafka/mock_broker.h"

namespace sluice::kafka {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;
using End = Delivery::End;
using Request = MockBroker::Request;

constexpr milliseconds kTimeout{1500};

class IdempotentProducerErrors : public testing::Test {
 protected:
  void SetUp() override {
    broker_.create("topic");
    auto producer = IdempotentProducer::open(broker_.client(), {.topics = {"topic"}, .delivery_timeout = kTimeout});
    ASSERT_TRUE(producer) << producer.error().message;
    producer_ = std::move(*producer);
    ASSERT_TRUE(producer_->partition_count("topic", seconds(10)));
  }

  Delivery send_one() {
    EXPECT_TRUE(producer_->send("topic", 0, "key", "payload", 7));
    const auto deadline = std::chrono::steady_clock::now() + seconds(20);
    while (std::chrono::steady_clock::now() < deadline) {
      const auto deliveries = producer_->poll(seconds(1));
      EXPECT_TRUE(deliveries);
      if (!deliveries) return {};
      if (!deliveries->empty()) return deliveries->front();
    }
    ADD_FAILURE() << "the message's end was not told";
    return {};
  }

  MockBroker broker_;
  std::unique_ptr<IdempotentProducer> producer_;
};

TEST_F(IdempotentProducerErrors, AnAnswerThatNeverComesLeavesTheEndUnknown) {
  broker_.answer_next(Request::kProduce, RD_KAFKA_RESP_ERR_NO_ERROR, seconds(60));
  const Delivery delivery = send_one();
  EXPECT_EQ(delivery.end, End::kUnknown);
  EXPECT_EQ(delivery.tag, 7U);
  EXPECT_THAT(delivery.error, HasSubstr("TIMED_OUT"));
}

TEST_F(IdempotentProducerErrors, AMessageThatNeverLeftIsSurelyNotWritten) {
  broker_.stop();
  const Delivery delivery = send_one();
  EXPECT_EQ(delivery.end, End::kNotWritten);
  EXPECT_EQ(producer_->in_flight(), 0U);
}

TEST_F(IdempotentProducerErrors, ABrokenConnectionIsRetriedWithinTheTimeOut) {
  broker_.answer_next(Request::kProduce, RD_KAFKA_RESP_ERR__TRANSPORT);
  const Delivery delivery = send_one();
  EXPECT_EQ(delivery.end, End::kAcknowledged) << delivery.error;
}

TEST_F(IdempotentProducerErrors, AnAcknowledgedDuplicateHasNoOffsetAndIsUnknown) {
  broker_.answer_next(Request::kProduce, RD_KAFKA_RESP_ERR_DUPLICATE_SEQUENCE_NUMBER);
  const Delivery delivery = send_one();
  EXPECT_EQ(delivery.end, End::kUnknown);
  EXPECT_THAT(delivery.error, HasSubstr("without an offset"));
}

TEST_F(IdempotentProducerErrors, ARefusalBehindABrokenConnectionStaysUnknown) {
  broker_.answer_next(Request::kProduce, RD_KAFKA_RESP_ERR__TRANSPORT);
  broker_.answer_next(Request::kProduce, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
  EXPECT_EQ(send_one().end, End::kUnknown) << "the first try may have been written";
}

class TransactionalProducerErrors : public testing::Test {
 protected:
  void SetUp() override {
    broker_.create("topic");
    auto producer =
        TransactionalProducer::open(broker_.client(), {.transactional_id = "id", .topic = "topic", .timeout = kTimeout});
    ASSERT_TRUE(producer) << producer.error().message;
    producer_ = std::move(*producer);
  }

  void begin_and_produce() {
    ASSERT_TRUE(producer_->init());
    ASSERT_TRUE(producer_->begin());
    ASSERT_TRUE(producer_->produce("key", "payload"));
  }

  MockBroker broker_;
  std::unique_ptr<TransactionalProducer> producer_;
};

TEST_F(TransactionalProducerErrors, ACommitThatIsNotAnsweredFailsAndIsNotCalledFenced) {
  begin_and_produce();
  ASSERT_TRUE(producer_->flush());
  broker_.answer_next(Request::kEndTransaction, RD_KAFKA_RESP_ERR_NO_ERROR, seconds(60));
  const auto begun = std::chrono::steady_clock::now();
  const auto committed = producer_->commit();
  ASSERT_FALSE(committed);
  EXPECT_EQ(committed.error().kind, Error::Kind::kFatal) << committed.error().message;
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 10 * kTimeout);
}

TEST_F(TransactionalProducerErrors, ACommitThatIsRefusedAsFencedIsFenced) {
  begin_and_produce();
  ASSERT_TRUE(producer_->flush());
  broker_.answer_next(Request::kEndTransaction, RD_KAFKA_RESP_ERR_PRODUCER_FENCED);
  const auto committed = producer_->commit();
  ASSERT_FALSE(committed);
  EXPECT_EQ(committed.error().kind, Error::Kind::kFenced) << committed.error().message;
}

TEST_F(TransactionalProducerErrors, AnAppendOfAnOldEpochIsFenced) {
  begin_and_produce();
  broker_.answer_next(Request::kProduce, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH);
  const auto flushed = producer_->flush();
  ASSERT_FALSE(flushed);
  EXPECT_EQ(flushed.error().kind, Error::Kind::kFenced) << flushed.error().message;
}

TEST_F(TransactionalProducerErrors, AnAppendThatIsNotAllowedFailsTheFlush) {
  begin_and_produce();
  broker_.answer_next(Request::kProduce, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
  const auto flushed = producer_->flush();
  ASSERT_FALSE(flushed);
  EXPECT_EQ(flushed.error().kind, Error::Kind::kFatal) << flushed.error().message;
}

TEST_F(TransactionalProducerErrors, AnAppendThatIsNotAnsweredFailsTheFlush) {
  begin_and_produce();
  broker_.answer_next(Request::kProduce, RD_KAFKA_RESP_ERR_NO_ERROR, seconds(60));
  const auto flushed = producer_->flush();
  ASSERT_FALSE(flushed);
  EXPECT_EQ(flushed.error().kind, Error::Kind::kFatal) << flushed.error().message;
}

TEST_F(TransactionalProducerErrors, ATakeOverWithoutABrokerEndsWithItsTimeOut) {
  broker_.stop();
  const auto initialised = producer_->init();
  ASSERT_FALSE(initialised);
  EXPECT_EQ(initialised.error().kind, Error::Kind::kFatal) << initialised.error().message;
}

TEST(TopicReaderErrors, ABrokerThatGoesAwayAndComesBackIsNoError) {
  MockBroker broker;
  broker.create("topic");
  auto producer = IdempotentProducer::open(broker.client(), {.topics = {"topic"}});
  ASSERT_TRUE(producer);
  ASSERT_TRUE((*producer)->send("topic", 0, "", "payload", 0));
  ASSERT_TRUE((*producer)->poll(seconds(10)));
  auto reader = TopicReader::open(broker.client(), probing({.topic = "topic"}));
  ASSERT_TRUE(reader);
  broker.stop();
  ASSERT_TRUE((*reader)->start_at(0, 0));
  const auto nothing = (*reader)->poll(10, milliseconds(500), milliseconds(0));
  ASSERT_TRUE(nothing) << nothing.error().message;
  EXPECT_TRUE(nothing->messages.empty());
  broker.start();
  const auto batch = (*reader)->poll(10, seconds(20), milliseconds(0));
  ASSERT_TRUE(batch) << batch.error().message;
  EXPECT_EQ(batch->messages.size(), 1U);
}

}  // namespace
}  // namespace sluice::kafka
