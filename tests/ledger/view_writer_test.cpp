#include "ledger/view_writer.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/clock.h"
#include "schemas/redis_keys.h"
#include "tests/redis/redis_server.h"

namespace sluice {
namespace {

constexpr Partition kPartition{3};

Position at(Offset offset) { return Position::at(Generation{1}, offset); }

class ViewWriterTest : public testing::Test {
 protected:
  void SetUp() override {
    address_.port = server_.port();
    auto writer = ViewWriter::connect(address_);
    ASSERT_TRUE(writer.ok()) << writer.error().message;
    writer_.emplace(std::move(writer).value());
  }

  RedisHash hash(std::string_view key) { return *RedisConnection::open(address_)->hash(key); }

  // Unix time in milliseconds; -1: never; -2: there is no such key.
  UnixMillis ends(std::string_view key) { return RedisConnection::open(address_)->ask({"PEXPIRETIME", key})->integer; }

  // How many of the rows were newer.
  std::size_t put(std::initializer_list<ViewRow> rows) {
    for (const ViewRow& row : rows) writer_->add(row);
    auto newer = writer_->flush();
    EXPECT_TRUE(newer.ok()) << newer.error().message;
    return newer.ok() ? *newer : 0;
  }

  RedisServer server_;
  RedisAddress address_;
  std::optional<ViewWriter> writer_;
};

TEST_F(ViewWriterTest, ReplacesARowOnlyByANewerOne) {
  EXPECT_EQ(put({{"stock:mask", at(9), {{"held", "9"}}}}), 1U);
  EXPECT_EQ(put({{"stock:mask", at(8), {{"held", "8"}}}}), 0U);
  EXPECT_EQ(put({{"stock:mask", at(9), {{"held", "again"}}}}), 0U);
  EXPECT_EQ(hash("stock:mask")["held"], "9");
  EXPECT_EQ(put({{"stock:mask", at(10), {{"held", "10"}}}}), 1U);
  EXPECT_EQ(hash("stock:mask")["held"], "10");
  EXPECT_EQ(hash("stock:mask")["version"], std::to_string(at(10).value));
}

TEST_F(ViewWriterTest, ComparesPositionsExactlyUpToTheLargest) {
  const Position largest = Position::at(Generation{kGenerationMax}, kOffsetMax);
  EXPECT_EQ(put({{"order:1", Position{largest.value - 1}, {}}}), 1U);
  EXPECT_EQ(put({{"order:1", largest, {}}}), 1U);
  EXPECT_EQ(put({{"order:1", Position{largest.value - 1}, {}}}), 0U);
  EXPECT_EQ(hash("order:1")["version"], std::to_string(largest.value));
  // An older position has fewer digits here: a comparison of texts would take it for newer.
  EXPECT_EQ(put({{"order:2", Position::at(Generation{6}, 0), {}}}), 1U);
  EXPECT_EQ(put({{"order:2", Position::at(Generation{5}, 0), {}}}), 0U);
}

TEST_F(ViewWriterTest, PromisesWhatItIsToldAndNeverLess) {
  EXPECT_EQ(*writer_->progress(kPartition), std::nullopt);
  EXPECT_EQ(*writer_->promise(kPartition, Position{}, {at(5), 1, 8}), at(5));
  EXPECT_EQ(*writer_->promise(kPartition, at(5), {at(7), 1, 8}), at(7));
  EXPECT_EQ(*writer_->promise(kPartition, at(5), {at(6), 1, 8}), at(7)) << "another owner has come further";
  const auto progress = *writer_->progress(kPartition);
  ASSERT_TRUE(progress.has_value());
  EXPECT_EQ(progress->next, at(7));
  EXPECT_EQ(progress->generation, 1);
  EXPECT_EQ(progress->partition_count, 8);
}

TEST_F(ViewWriterTest, PromisesNothingWhereAnEarlierPromiseIsLost) {
  ASSERT_TRUE(writer_->promise(kPartition, Position{}, {at(5), 1, 8}).ok());
  ASSERT_TRUE(writer_->withdraw_promises(kPartition).ok());
  EXPECT_EQ(*writer_->promise(kPartition, at(5), {at(7), 1, 8}), Position{});
  EXPECT_EQ(*writer_->progress(kPartition), std::nullopt);
}

TEST_F(ViewWriterTest, LeavesNothingOfTheRowBefore) {
  put({{"order:1", at(1), {{"status", "held"}, {"pay_by_ms", "9"}}}});
  put({{"order:1", at(2), {{"status", "paid"}}}});
  EXPECT_THAT(hash("order:1"), testing::UnorderedElementsAre(testing::Pair("status", "paid"),
                                                             testing::Pair("version", std::to_string(at(2).value))));
}

TEST_F(ViewWriterTest, LetsARowEndWhenItSaysAndANewerOneStayThatDoesNot) {
  const UnixMillis soon = unix_millis() + 100'000;
  put({{"order:1", at(1), {{"status", "released"}}, soon}});
  EXPECT_EQ(ends("order:1"), soon);
  put({{"order:1", at(2), {{"status", "paid"}}}});
  EXPECT_EQ(ends("order:1"), -1) << "a late payment bought it again";
  put({{"order:1", at(3), {{"status", "refunded"}}, unix_millis() - 1}});
  EXPECT_TRUE(hash("order:1").empty()) << "what should have ended is not shown in an older state";
}

TEST_F(ViewWriterTest, ReplacesEachPaymentOfAnOrderOnlyByANewerOne) {
  const auto field = [](Offset offset, const std::string& name, const std::string& more) {
    return ViewField{"refunds:1", at(offset), name, fmt::format(R"({{"version":{}{}}})", at(offset).value, more)};
  };
  writer_->add(field(5, "payment:a", R"(,"settled":false)"));
  writer_->add(field(7, "payment:a", R"(,"settled":true)"));
  writer_->add(field(5, "payment:a", R"(,"settled":false)"));
  writer_->add(field(6, "payment:b", ""));  // older than the other, and nevertheless new
  EXPECT_EQ(*writer_->flush(), 3U);
  EXPECT_EQ(hash("refunds:1")["payment:a"], fmt::format(R"({{"version":{},"settled":true}})", at(7).value));
  EXPECT_TRUE(hash("refunds:1").contains("payment:b"));
  EXPECT_EQ(hash("refunds:1")["version"], std::to_string(at(7).value));
}

TEST_F(ViewWriterTest, PromisesSinceWhenAllIsKeptUntilThatEndsByItself) {
  const UnixMillis until = unix_millis() + 50'000;
  ASSERT_TRUE(writer_->promise_kept(kPartition, {at(5), 100, until}).ok());
  EXPECT_EQ(hash("kept_since:3")["version"], std::to_string(at(5).value));
  EXPECT_EQ(hash("kept_since:3")["since_ms"], "100");
  EXPECT_EQ(ends("kept_since:3"), until);
  ASSERT_TRUE(writer_->promise_kept(kPartition, {at(4), 90, until + 5}).ok());
  EXPECT_EQ(hash("kept_since:3")["version"], std::to_string(at(5).value)) << "it never goes back";
  ASSERT_TRUE(writer_->promise_kept(kPartition, {at(5), 110, until + 10}).ok());
  EXPECT_EQ(ends("kept_since:3"), until + 10) << "the same place may be promised for longer";
}

TEST_F(ViewWriterTest, TakesBothPromisesBack) {
  ASSERT_TRUE(writer_->promise(kPartition, Position{}, {at(5), 1, 8}).ok());
  ASSERT_TRUE(writer_->promise_kept(kPartition, {at(5), 100, unix_millis() + 50'000}).ok());
  ASSERT_TRUE(writer_->withdraw_promises(kPartition).ok());
  EXPECT_TRUE(hash("kept_since:3").empty());
  EXPECT_TRUE(hash("progress:3").empty());
}

TEST_F(ViewWriterTest, TellsWhetherRedisMayThrowKeysAway) {
  EXPECT_EQ(*writer_->eviction_policy(), "noeviction");
  ASSERT_TRUE(RedisConnection::open(address_)->ask({"CONFIG", "SET", "maxmemory-policy", "allkeys-lru"}).ok());
  EXPECT_EQ(*writer_->eviction_policy(), "allkeys-lru");
}

TEST_F(ViewWriterTest, TakesHalfAPromiseForNone) {
  ASSERT_TRUE(RedisConnection::open(address_)->ask({"HSET", "progress:3", "version", "17"}).ok());
  EXPECT_EQ(*writer_->progress(kPartition), std::nullopt);
}

TEST_F(ViewWriterTest, TakesEveryAnswerOfRedisForOneThatMayPass) {
  ASSERT_TRUE(RedisConnection::open(address_)->ask({"SET", "stock:mask", "a text"}).ok());
  writer_->add({"stock:mask", at(1), {{"held", "1"}}});
  auto refused = writer_->flush();
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind, Error::Kind::kRetryable);
}

}  // namespace
}  // namespace sluice
