#include "kafka/topic_reader.h"

#include <gmock/gmock.h>

#include "tests/kafka/real_broker.h"

namespace sluice::kafka {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using TopicReaderTest = RealBrokerTest;

std::vector<std::string> numbered(int count) {
  std::vector<std::string> payloads;
  for (int i = 0; i < count; ++i) payloads.push_back(std::to_string(i));
  return payloads;
}

TEST_F(TopicReaderTest, DeliversMessagesWithOffsetKeyAndTheBrokersTime) {
  const auto topic = make_topic();
  append(topic, 0, {"a", "b"});
  auto reader = this->reader(topic);
  ASSERT_TRUE(reader->start_at(0, 1));
  const auto batch = reader->poll(10, seconds(20), milliseconds(0));
  ASSERT_TRUE(batch);
  ASSERT_EQ(batch->messages.size(), 1U);
  const Message& message = batch->messages.front();
  EXPECT_EQ(message.offset, 1);
  EXPECT_EQ(message.payload, "b");
  EXPECT_EQ(message.key, "key");
  EXPECT_GT(message.append_time_ms, 1'500'000'000'000);
}

TEST_F(TopicReaderTest, TellsTheEndWhereTheNextMessageWillBe) {
  const auto topic = make_topic();
  append(topic, 0, {"a", "b"});
  auto reader = this->reader(topic);
  ASSERT_TRUE(reader->start_at(0, 2));
  const auto batch = reader->poll(10, seconds(20), milliseconds(0));
  ASSERT_TRUE(batch);
  EXPECT_THAT(batch->messages, IsEmpty());
  ASSERT_EQ(batch->ends.size(), 1U);
  EXPECT_EQ(batch->ends.front().offset, 2);
}

TEST_F(TopicReaderTest, TellsTheEndAgainAfterMoreWasRead) {
  const auto topic = make_topic();
  auto reader = this->reader(topic);
  ASSERT_TRUE(reader->start_at(0, 0));
  EXPECT_THAT(read_to_end(*reader), IsEmpty());
  append(topic, 0, {"a"});
  EXPECT_THAT(read_to_end(*reader), ElementsAre("a"));
  append(topic, 0, {"b", "c"});
  EXPECT_THAT(read_to_end(*reader), ElementsAre("b", "c"));
}

TEST_F(TopicReaderTest, ForgetsWhatItReadAheadWhenItStartsElsewhere) {
  const auto topic = make_topic();
  append(topic, 0, numbered(5000));
  auto reader = this->reader(topic);
  for (const std::int64_t start : {1000, 10, 4000, 0, 4999, 2500}) {
    ASSERT_TRUE(reader->start_at(0, start));
    const auto batch = reader->poll(3, seconds(20), milliseconds(20));
    ASSERT_TRUE(batch);
    ASSERT_THAT(batch->messages, testing::Not(IsEmpty()));
    EXPECT_EQ(batch->messages.front().offset, start);
  }
}

TEST_F(TopicReaderTest, ServesSeveralPartitionsEachInOrder) {
  const auto topic = make_topic(3);
  for (int partition = 0; partition < 3; ++partition) append(topic, partition, numbered(100));
  auto reader = this->reader(topic);
  for (int partition = 0; partition < 3; ++partition) ASSERT_TRUE(reader->start_at(partition, 40));
  std::vector<std::int64_t> next(3, 40);
  std::size_t ends = 0;
  while (ends < 3) {
    const auto batch = reader->poll(50, seconds(20), milliseconds(5));
    ASSERT_TRUE(batch);
    ASSERT_FALSE(batch->messages.empty() && batch->ends.empty());
    for (const Message& message : batch->messages)
      EXPECT_EQ(message.offset, next[static_cast<std::size_t>(message.partition)]++);
    ends += batch->ends.size();
  }
  EXPECT_THAT(next, ElementsAre(100, 100, 100));
}

TEST_F(TopicReaderTest, StopsDeliveringAPartitionThatIsStopped) {
  const auto topic = make_topic(2);
  append(topic, 0, numbered(100));
  append(topic, 1, numbered(100));
  auto reader = this->reader(topic);
  ASSERT_TRUE(reader->start_at(0, 0));
  ASSERT_TRUE(reader->start_at(1, 0));
  ASSERT_TRUE(reader->poll(1, seconds(20), milliseconds(0)));
  reader->stop(0);
  for (int polls = 0; polls < 20; ++polls) {
    const auto batch = reader->poll(50, milliseconds(50), milliseconds(5));
    ASSERT_TRUE(batch);
    for (const Message& message : batch->messages) EXPECT_EQ(message.partition, 1);
  }
}

TEST_F(TopicReaderTest, FailsAtAnOffsetThatIsNotThereInsteadOfJumping) {
  const auto topic = make_topic();
  append(topic, 0, {"a"});
  auto reader = this->reader(topic);
  ASSERT_TRUE(reader->start_at(0, 77));
  const auto batch = reader->poll(10, seconds(20), milliseconds(0));
  ASSERT_FALSE(batch);
  EXPECT_EQ(batch.error().kind, Error::Kind::kFatal);
  EXPECT_THAT(batch.error().message, HasSubstr(topic + "/0"));
}

// The library by itself looks only once a second whether there is room again: this would take 20 seconds.
TEST_F(TopicReaderTest, GoesOnFetchingAtOnceWhenWhatItReadAheadHasBeenTaken) {
  const auto topic = make_topic();
  for (int batch = 0; batch < 20; ++batch) append(topic, 0, numbered(100));
  const ReaderSettings settings{.topic = topic, .fetch_bytes_min = 1, .fetch_bytes_max = 500, .read_ahead_messages = 50};
  const auto reader = TopicReader::open(client_, settings);
  ASSERT_TRUE(reader) << reader.error().message;
  ASSERT_TRUE((*reader)->start_at(0, 0));
  const auto began = std::chrono::steady_clock::now();
  std::size_t delivered = 0;
  while (delivered < 2'000) {
    const auto batch = (*reader)->poll(10, seconds(20), milliseconds(0));
    ASSERT_TRUE(batch) << batch.error().message;
    delivered += batch->messages.size();
  }
  EXPECT_LT(std::chrono::steady_clock::now() - began, seconds(10));
}

TEST_F(TopicReaderTest, ReadCommittedStopsBeforeAnOpenTransactionAndUncommittedDoesNot) {
  const auto topic = make_topic();
  auto open = writer(topic, unique("id"));
  write(*open, {"committed"});
  ASSERT_TRUE(open->begin());
  ASSERT_TRUE(open->produce("key", "open"));
  ASSERT_TRUE(open->flush());

  auto committed = reader(topic);
  ASSERT_TRUE(committed->start_at(0, 0));
  EXPECT_THAT(read_to_end(*committed), ElementsAre("committed"));
  EXPECT_EQ(committed->bounds(0, seconds(20)).value().high, 2);  // the last stable offset: after the marker

  auto uncommitted = reader(topic, Isolation::kReadUncommitted);
  ASSERT_TRUE(uncommitted->start_at(0, 0));
  EXPECT_THAT(read_to_end(*uncommitted), ElementsAre("committed", "open"));
  EXPECT_EQ(uncommitted->bounds(0, seconds(20)).value().high, 3);
}

TEST_F(TopicReaderTest, EndsBehindATransactionsMarkerThatItNeverDelivers) {
  const auto topic = make_topic();
  write(*writer(topic, unique("id")), {"a", "b"});
  auto reader = this->reader(topic);
  ASSERT_TRUE(reader->start_at(0, 0));
  const auto deadline = std::chrono::steady_clock::now() + seconds(20);
  std::int64_t end = -1;
  while (end < 0 && std::chrono::steady_clock::now() < deadline) {
    const auto batch = reader->poll(10, seconds(1), milliseconds(0));
    ASSERT_TRUE(batch);
    if (!batch->ends.empty()) end = batch->ends.front().offset;
  }
  EXPECT_EQ(end, 3);
}

TEST_F(TopicReaderTest, RingsWhenThereIsSomethingToRead) {
  const auto topic = make_topic();
  const Bell bell;
  auto reader = this->reader(topic);
  reader->ring(bell.descriptor());
  ASSERT_TRUE(reader->start_at(0, 0));
  for (std::size_t expected = 1; expected <= 3; ++expected) {
    append(topic, 0, {"a"});
    std::size_t read = 0;
    while (read == 0) {  // it rings for the partition's end too
      ASSERT_TRUE(bell.rings());
      const auto batch = reader->poll(10, milliseconds(0), milliseconds(0));
      ASSERT_TRUE(batch);
      read = batch->messages.size();
    }
    EXPECT_EQ(read, 1U);
  }
}

TEST_F(TopicReaderTest, CannotSayTheBoundsOfATopicThatIsNotThere) {
  const auto bounds = reader("no-such-topic")->bounds(0, seconds(2));
  ASSERT_FALSE(bounds);
  EXPECT_EQ(bounds.error().kind, Error::Kind::kRetryable);
}

}  // namespace
}  // namespace sluice::kafka
