// The ledger's Kafka adapters on a real broker. They know their topics by name, so these tests share `intents` and `orders`
// with others that run beside them: each keeps to its partition and to the messages that it wrote itself.
#include <gmock/gmock.h>

#include "ledger/kafka_intent_log.h"
#include "ledger/kafka_order_log.h"
#include "ledger/kafka_order_writer.h"
#include "schemas/topics.h"
#include "tests/kafka/real_broker.h"

namespace sluice {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;

constexpr Partition kPartition{7};

class KafkaPortsTest : public kafka::RealBrokerTest {
 protected:
  void SetUp() override {
    RealBrokerTest::SetUp();
    if (HasFatalFailure()) return;
    make_the_topics();
    for (const std::string_view topic : {kIntentsTopic, kOrdersTopic}) wait_until_led(std::string(topic), kPartition.value);
  }

  std::unique_ptr<KafkaOrderWriter> acquired(const std::string& application) {
    auto writer = KafkaOrderWriter::open(client_, application, kPartition);
    EXPECT_TRUE(writer);
    const auto acquired = (*writer)->acquire();
    EXPECT_TRUE(acquired) << acquired.error().message;
    return std::move(*writer);
  }

  void commit(OrderWriter& writer, const std::vector<std::string>& records) {
    ASSERT_TRUE(writer.begin());
    for (const std::string& record : records) ASSERT_TRUE(writer.append("sku", record));
    ASSERT_TRUE(writer.flush());
    ASSERT_TRUE(writer.commit());
  }

  std::unique_ptr<KafkaOrderLog> orders() {
    auto log = KafkaOrderLog::open(client_, kPartition);
    EXPECT_TRUE(log);
    return std::move(*log);
  }

  std::vector<std::string> records_up_to(KafkaOrderLog& log, std::int64_t end) {
    std::vector<std::string> records;
    const auto deadline = std::chrono::steady_clock::now() + seconds(20);
    while (std::chrono::steady_clock::now() < deadline) {
      const auto poll = log.poll(milliseconds(200));
      EXPECT_TRUE(poll) << poll.error().message;
      if (!poll) break;
      for (const RecordMessage& record : poll->records) records.emplace_back(record.bytes);
      if (poll->end && *poll->end >= end) return records;
    }
    ADD_FAILURE() << "no end at or after " << end;
    return records;
  }
};

TEST_F(KafkaPortsTest, ALaneStartsReadingIntentsAtAnOffset) {
  auto log = KafkaIntentLog::open(client_, kPartition);
  ASSERT_TRUE(log);
  const auto range = (*log)->range();
  ASSERT_TRUE(range) << range.error().message;
  append(std::string(kIntentsTopic), kPartition.value, {"a", "b", "c"});
  ASSERT_TRUE((*log)->start_at(range->high + 1));
  std::vector<std::string> seen;
  const auto deadline = std::chrono::steady_clock::now() + seconds(20);
  while (seen.size() < 2 && std::chrono::steady_clock::now() < deadline) {
    const auto intents = (*log)->poll(10, milliseconds(200));
    ASSERT_TRUE(intents) << intents.error().message;
    for (const IntentMessage& intent : *intents) seen.emplace_back(intent.bytes);
  }
  EXPECT_THAT(seen, ElementsAre("b", "c"));
}

TEST_F(KafkaPortsTest, LeavesNoIntentOutWhenTheyComeInRushesWithQuietBetween) {
  auto log = KafkaIntentLog::open(client_, kPartition);
  ASSERT_TRUE(log);
  const auto range = (*log)->range();
  ASSERT_TRUE(range) << range.error().message;
  ASSERT_TRUE((*log)->start_at(range->high));
  std::vector<std::string> seen;
  Offset next = range->high;
  const auto read = [&](std::size_t count) {
    const auto deadline = std::chrono::steady_clock::now() + seconds(20);
    while (seen.size() < count && std::chrono::steady_clock::now() < deadline) {
      const auto intents = (*log)->poll(10, milliseconds(100));
      ASSERT_TRUE(intents) << intents.error().message;
      for (const IntentMessage& intent : *intents) {
        EXPECT_EQ(intent.offset, next++);
        seen.emplace_back(intent.bytes);
      }
    }
  };
  std::vector<std::string> asked;
  const std::string topic(kIntentsTopic);
  for (const char* rush : {"a", "b", "c"}) {
    for (int i = 0; i < 30; ++i) asked.push_back(rush + std::to_string(i));
    append(topic, kPartition.value, {asked.end() - 30, asked.end() - 29});
    read(asked.size() - 29);
    append(topic, kPartition.value, {asked.end() - 29, asked.end()});
    read(asked.size());
    // Nothing comes, for longer than it takes to be quiet.
    for (int i = 0; i < 15; ++i) ASSERT_TRUE((*log)->poll(10, milliseconds(100)));
  }
  EXPECT_EQ(seen, asked);
}

TEST_F(KafkaPortsTest, ANewOwnerSeesAfterAcquiringAllThatTheOldOneCommittedAndNothingElse) {
  const auto application = unique("application");
  auto log = orders();
  const std::int64_t begin = log->range().value().high;
  auto old_owner = acquired(application);
  commit(*old_owner, {"committed"});
  ASSERT_TRUE(old_owner->begin());
  ASSERT_TRUE(old_owner->append("sku", "left open"));
  ASSERT_TRUE(old_owner->flush());

  auto new_owner = acquired(application);
  const std::int64_t end = log->range().value().high;
  ASSERT_TRUE(log->start_at(begin));
  EXPECT_THAT(records_up_to(*log, end), ElementsAre("committed"));

  const auto late = old_owner->commit();
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().kind, Error::Kind::kFenced);
  commit(*new_owner, {"mine"});
  EXPECT_THAT(records_up_to(*log, end + 2), ElementsAre("mine"));
}

// More than are handed over at once, and some that are left at the end.
TEST_F(KafkaPortsTest, WritesManyRecordsInTheirOrder) {
  auto log = orders();
  const std::int64_t begin = log->range().value().high;
  auto writer = acquired(unique("application"));
  std::vector<std::string> records;
  for (int i = 0; i < 1'203; ++i) records.push_back(std::to_string(i));
  commit(*writer, records);
  ASSERT_TRUE(log->start_at(begin));
  EXPECT_EQ(records_up_to(*log, begin + std::ssize(records) + 1), records);
}

TEST_F(KafkaPortsTest, TheRangeOfOrdersCountsWhatIsNotCommittedYet) {
  auto log = orders();
  const std::int64_t before = log->range().value().high;
  auto writer = acquired(unique("application"));
  ASSERT_TRUE(writer->begin());
  ASSERT_TRUE(writer->append("sku", "open"));
  ASSERT_TRUE(writer->flush());
  EXPECT_EQ(log->range().value().high, before + 1);
  ASSERT_TRUE(writer->commit());
}

TEST_F(KafkaPortsTest, ALogThatWasStoppedReadsNothingAhead) {
  auto log = orders();
  const std::int64_t begin = log->range().value().high;
  auto writer = acquired(unique("application"));
  ASSERT_TRUE(log->start_at(begin));
  commit(*writer, {"before"});
  EXPECT_THAT(records_up_to(*log, begin + 2), ElementsAre("before"));
  log->stop();
  commit(*writer, {"while stopped"});
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(log->poll(milliseconds(100))->records.empty());
  ASSERT_TRUE(log->start_at(begin + 2));
  EXPECT_THAT(records_up_to(*log, begin + 4), ElementsAre("while stopped"));
}

TEST_F(KafkaPortsTest, LocatesTheFirstRecordThatReachesAPlace) {
  auto log = orders();
  const std::int64_t begin = log->range().value().high;
  auto writer = acquired(unique("application"));
  commit(*writer, {"place 1", "place 2"});
  commit(*writer, {"place 3", "place 4"});
  // Whatever lies before comes from other tests, and is no place.
  const auto reaches = [](std::string_view place) {
    return [place](std::string_view record) { return record.starts_with("place") && record >= place; };
  };
  EXPECT_EQ(log->locate(reaches("place 2")).value(), begin + 1);
  EXPECT_EQ(log->locate(reaches("place 3")).value(), begin + 3) << "behind the marker";
  EXPECT_EQ(log->locate(reaches("place 5")).value(), log->range().value().high);
}

}  // namespace
}  // namespace sluice
