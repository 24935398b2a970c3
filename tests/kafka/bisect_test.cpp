#include "kafka/bisect.h"

#include <gmock/gmock.h>

#include "tests/kafka/real_broker.h"

namespace sluice::kafka {
namespace {

using std::chrono::seconds;

// A partition of the numbers 0..39 in transactions of four, so that every fifth offset is a marker.
class BisectTest : public RealBrokerTest {
 protected:
  static constexpr int kTransactions = 10;

  void SetUp() override {
    RealBrokerTest::SetUp();
    if (HasFatalFailure()) return;
    topic_ = make_topic();
    auto producer = writer(topic_, unique("id"));
    for (int i = 0; i < kTransactions; ++i) {
      std::vector<std::string> payloads;
      for (int j = 0; j < 4; ++j) payloads.push_back(std::to_string(4 * i + j));
      write(*producer, payloads);
    }
    auto reader = TopicReader::open(client_, probing({.topic = topic_}));
    ASSERT_TRUE(reader);
    reader_ = std::move(*reader);
  }

  std::int64_t first_at_least(int number, std::optional<std::int64_t> hint = std::nullopt) {
    probes_ = 0;
    const auto found = first_offset_where(*reader_, {.partition = 0, .hint = hint}, [this, number](std::string_view payload) {
      ++probes_;
      return std::stoi(std::string(payload)) >= number;
    });
    EXPECT_TRUE(found) << found.error().message;
    return found ? *found : -1;
  }

  static std::int64_t offset_of(int number) { return number / 4 * 5 + number % 4; }

  std::string topic_;
  std::unique_ptr<TopicReader> reader_;
  int probes_ = 0;
};

TEST_F(BisectTest, FindsEveryMessageBetweenTheMarkers) {
  for (int number = 0; number < 40; number += 3) EXPECT_EQ(first_at_least(number), offset_of(number)) << number;
}

TEST_F(BisectTest, FindsTheEndWhenNoMessageSatisfies) { EXPECT_EQ(first_at_least(40), 50); }

TEST_F(BisectTest, FindsTheSameWhateverTheHint) {
  for (const int number : {0, 17, 40}) {
    const std::int64_t expected = number == 40 ? 50 : offset_of(number);
    for (const std::int64_t hint : {0, 4, 22, 49, 1000}) {
      EXPECT_EQ(first_at_least(number, hint), expected) << number << " with hint " << hint;
    }
  }
}

// With a short queue, the library would stop fetching for a second before every jump.
TEST_F(BisectTest, JumpsWithoutWaiting) {
  const std::vector<std::string> many(5'000, std::string("40"));
  append(topic_, 0, many);
  const auto begun = std::chrono::steady_clock::now();
  for (int number = 0; number < 40; number += 4) EXPECT_EQ(first_at_least(number), offset_of(number)) << number;
  EXPECT_LT(std::chrono::steady_clock::now() - begun, seconds(5));
}

TEST_F(BisectTest, ATrueHintCostsTwoReads) {
  EXPECT_EQ(first_at_least(17, offset_of(17)), offset_of(17));
  EXPECT_LE(probes_, 2);
}

TEST_F(BisectTest, FindsTheEndOfAnEmptyPartition) {
  const auto empty = make_topic();
  auto reader = TopicReader::open(client_, probing({.topic = empty}));
  ASSERT_TRUE(reader);
  const auto found = first_offset_where(**reader, {.partition = 0}, [](std::string_view) { return true; });
  ASSERT_TRUE(found);
  EXPECT_EQ(*found, 0);
}

TEST_F(BisectTest, SeesNothingOfAnOpenTransaction) {
  auto open = writer(topic_, unique("id"));
  ASSERT_TRUE(open->begin());
  ASSERT_TRUE(open->produce("key", "40"));
  ASSERT_TRUE(open->flush());
  EXPECT_EQ(first_at_least(40), 50);
}

}  // namespace
}  // namespace sluice::kafka
