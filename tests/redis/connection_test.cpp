#include "redis/connection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>

#include "tests/redis/redis_server.h"

namespace sluice {
namespace {

using testing::HasSubstr;

RedisAddress address_of(const RedisServer& server, std::string password = {}) {
  RedisAddress address;
  address.port = server.port();
  address.password = std::move(password);
  address.reply_timeout = std::chrono::milliseconds(300);
  return address;
}

RedisConnection connect(const RedisServer& server) {
  auto connection = RedisConnection::open(address_of(server));
  EXPECT_TRUE(connection.ok()) << connection.error().message;
  return std::move(connection).value();
}

TEST(RedisConnection, WritesAndReadsBackAnyBytes) {
  RedisServer server;
  auto redis = connect(server);
  const std::string bytes("a\0b\r\n%s \xff", 9);
  ASSERT_TRUE(redis.ask({"SET", "key", bytes}).ok());
  EXPECT_EQ(redis.ask({"GET", "key"})->text, bytes);
  EXPECT_EQ(redis.ask({"GET", "other"})->kind, RedisReply::Kind::kNil);
}

TEST(RedisConnection, ReadsAllFieldsOfAHashAndNoneOfAMissingOne) {
  RedisServer server;
  auto redis = connect(server);
  ASSERT_TRUE(redis.ask({"HSET", "stock:mask", "held", "3", "title", ""}).ok());
  auto fields = redis.hash("stock:mask");
  ASSERT_TRUE(fields.ok());
  EXPECT_EQ(fields->size(), 2U);
  EXPECT_EQ((*fields)["held"], "3");
  EXPECT_EQ((*fields)["title"], "");
  EXPECT_TRUE(redis.hash("stock:none")->empty());
}

TEST(RedisConnection, AnswersAPipelineInOrder) {
  RedisServer server;
  auto redis = connect(server);
  for (int i = 0; i < 1000; ++i) redis.add({"INCR", "counter"});
  EXPECT_EQ(redis.added(), 1000U);
  auto replies = redis.exchange();
  ASSERT_TRUE(replies.ok());
  ASSERT_EQ(replies->size(), 1000U);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ((*replies)[static_cast<std::size_t>(i)].integer, i + 1);
  EXPECT_EQ(redis.added(), 0U);
}

TEST(RedisConnection, SaysWhichCommandOfAPipelineWasRefusedAndDoesTheOthers) {
  RedisServer server;
  auto redis = connect(server);
  redis.add({"SET", "text", "x"});
  redis.add({"HGETALL", "text"});
  redis.add({"SET", "after", "y"});
  auto replies = redis.exchange();
  ASSERT_FALSE(replies.ok());
  EXPECT_EQ(replies.error().kind, Error::Kind::kFatal);
  EXPECT_THAT(replies.error().message, HasSubstr("WRONGTYPE"));
  EXPECT_TRUE(redis.usable());
  EXPECT_EQ(redis.ask({"GET", "after"})->text, "y");
}

TEST(RedisConnection, RunsAScriptByItsNameOnceItIsCached) {
  RedisServer server;
  auto redis = connect(server);
  const RedisScript script("return redis.call('INCRBY', KEYS[1], ARGV[1])");
  const std::array<std::string_view, 1> by_two = {"2"};
  redis.add(script, "counter", by_two);
  redis.add(script, "counter", by_two);
  auto replies = redis.exchange();
  ASSERT_TRUE(replies.ok()) << replies.error().message;
  EXPECT_EQ((*replies)[1].integer, 4);
  const std::string calls = redis.ask({"INFO", "commandstats"})->text;
  EXPECT_THAT(calls, HasSubstr("cmdstat_eval:calls=1,"));
  EXPECT_THAT(calls, HasSubstr("cmdstat_evalsha:calls=1,"));
}

TEST(RedisConnection, SendsAScriptAgainAfterRedisForgotIt) {
  RedisServer server;
  auto redis = connect(server);
  const RedisScript script("return redis.call('INCRBY', KEYS[1], ARGV[1])");
  const std::array<std::string_view, 1> by_two = {"2"};
  redis.add(script, "counter", by_two);
  ASSERT_TRUE(redis.exchange().ok());
  ASSERT_TRUE(redis.ask({"SCRIPT", "FLUSH"}).ok());
  redis.add(script, "counter", by_two);
  auto forgotten = redis.exchange();
  ASSERT_FALSE(forgotten.ok());
  EXPECT_EQ(forgotten.error().kind, Error::Kind::kRetryable);
  redis.add(script, "counter", by_two);
  auto again = redis.exchange();
  ASSERT_TRUE(again.ok()) << again.error().message;
  EXPECT_EQ((*again)[0].integer, 4);
}

TEST(RedisConnection, GivesThePasswordAndRefusesToOpenWithAWrongOne) {
  RedisServer server("secret");
  EXPECT_TRUE(RedisConnection::open(address_of(server, "secret")).ok());
  auto wrong = RedisConnection::open(address_of(server, "guess"));
  ASSERT_FALSE(wrong.ok());
  EXPECT_EQ(wrong.error().kind, Error::Kind::kFatal);
  EXPECT_THAT(wrong.error().message, testing::Not(HasSubstr("guess")));
  EXPECT_FALSE(RedisConnection::open(address_of(server)).ok());
}

TEST(RedisConnection, SaysWhereNothingListens) {
  RedisServer server;
  server.kill();
  auto connection = RedisConnection::open(address_of(server));
  ASSERT_FALSE(connection.ok());
  EXPECT_EQ(connection.error().kind, Error::Kind::kRetryable);
  EXPECT_THAT(connection.error().message, HasSubstr("127.0.0.1:" + std::to_string(server.port())));
}

TEST(RedisConnection, GivesUpOnARedisThatDoesNotAnswerInTime) {
  RedisServer server;
  auto redis = connect(server);
  server.pause();
  auto reply = redis.ask({"PING"});
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(reply.error().kind, Error::Kind::kRetryable);
  EXPECT_THAT(reply.error().message, HasSubstr("no answer within 300 ms"));
  EXPECT_FALSE(redis.usable());
  server.resume();
  // The late reply must never be taken for the answer to a later command.
  EXPECT_FALSE(redis.ask({"GET", "key"}).ok());
}

TEST(RedisConnection, SurvivesThatRedisDies) {
  RedisServer server;
  auto redis = connect(server);
  server.kill();
  EXPECT_FALSE(redis.ask({"PING"}).ok());
  EXPECT_FALSE(redis.ask({"PING"}).ok());
  EXPECT_FALSE(redis.usable());
  server.start();
  EXPECT_TRUE(RedisConnection::open(address_of(server)).ok());
}

}  // namespace
}  // namespace sluice
