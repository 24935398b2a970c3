#include "ingest/redis_orders.h"

#include <gtest/gtest.h>

#include "schemas/redis_keys.h"
#include "tests/redis/redis_server.h"

namespace sluice {
namespace {

using namespace std::chrono_literals;

const Ticket kOrder = Ticket::of(Partition{3}, Position::at(Generation{2}, 1000));

class RedisOrdersTest : public ::testing::Test {
 protected:
  RedisAddress address() const {
    RedisAddress address;
    address.port = server_.port();
    address.connect_timeout = 300ms;
    address.reply_timeout = 300ms;
    return address;
  }
  void write(std::initializer_list<std::string_view> words) {
    auto connection = RedisConnection::open(address());
    ASSERT_TRUE(connection.ok());
    ASSERT_TRUE(connection->ask(words).ok());
  }
  void write_order(std::string_view status, std::string_view quantity = "2") {
    const std::string key = redis_keys::order(kOrder);
    write({"HSET", key, redis_keys::kStatus, status, redis_keys::kSku, "mask-1", redis_keys::kUser, "u-1",
           redis_keys::kQuantity, quantity, redis_keys::kAmountMinor, "500", redis_keys::kCurrency, "EUR",
           redis_keys::kDeadlineMs, "1700000000000"});
  }
  // The view holds everything before the offset.
  void write_progress(Offset next) {
    write({"HSET", redis_keys::progress(Partition{3}), redis_keys::kVersion,
           std::to_string(Position::at(Generation{2}, next).value)});
  }

  StoredOrder asked(RedisOrders& orders, Exchange exchange = 7) {
    EXPECT_TRUE(orders.ask(kOrder, exchange));
    std::vector<StoredOrder> answers;
    while (answers.empty()) {
      bell_.wait(1000ms);
      orders.answered(answers);
    }
    EXPECT_EQ(answers.size(), 1U);
    EXPECT_EQ(answers.front().asked_by, exchange);
    return answers.front();
  }

  RedisServer server_;
  Doorbell bell_;
};

TEST_F(RedisOrdersTest, ReadsAnOrderWhole) {
  write_order("held");
  RedisOrders orders(address(), bell_);
  const StoredOrder stored = asked(orders);
  ASSERT_EQ(stored.known, StoredOrder::Known::kFound);
  EXPECT_EQ(stored.order.status, v1::HELD);
  EXPECT_EQ(stored.order.sku, "mask-1");
  EXPECT_EQ(stored.order.user, "u-1");
  EXPECT_EQ(stored.order.quantity, 2U);
  EXPECT_EQ(stored.order.amount_minor, 500);
  EXPECT_EQ(stored.order.currency, "EUR");
  EXPECT_EQ(stored.order.pay_by, 1'700'000'000'000);
}

TEST_F(RedisOrdersTest, CallsAnOrderMissingOnlyWhenTheViewHasComePastIt) {
  RedisOrders orders(address(), bell_);
  EXPECT_EQ(asked(orders).known, StoredOrder::Known::kNotTelling) << "the view is empty, or is being rebuilt";
  write_progress(1000);
  EXPECT_EQ(asked(orders).known, StoredOrder::Known::kNotTelling) << "the view has not come to it";
  write_progress(1001);
  EXPECT_EQ(asked(orders).known, StoredOrder::Known::kMissing);
}

TEST_F(RedisOrdersTest, DoesNotTellWhatItCannotRead) {
  RedisOrders orders(address(), bell_);
  write_progress(5000);
  write_order("sold");
  EXPECT_EQ(asked(orders).known, StoredOrder::Known::kNotTelling);
  write_order("held", "many");
  EXPECT_EQ(asked(orders).known, StoredOrder::Known::kNotTelling);
}

TEST_F(RedisOrdersTest, FindsItsWayBackWhenRedisReturns) {
  write_order("paid");
  RedisOrders orders(address(), bell_);
  EXPECT_EQ(asked(orders).known, StoredOrder::Known::kFound);
  server_.kill();
  EXPECT_EQ(asked(orders).known, StoredOrder::Known::kNotTelling);
  server_.start();
  write_order("paid");
  while (asked(orders).known != StoredOrder::Known::kFound) {
  }
}

TEST_F(RedisOrdersTest, DoesNotHangWithRedis) {
  RedisOrders orders(address(), bell_);
  write_order("paid");
  EXPECT_EQ(asked(orders).known, StoredOrder::Known::kFound);
  server_.pause();
  EXPECT_EQ(asked(orders).known, StoredOrder::Known::kNotTelling);
  server_.resume();
}

TEST_F(RedisOrdersTest, TakesABoundedNumberOfQuestions) {
  server_.pause();
  RedisOrders orders(address(), bell_);
  int taken = 0;
  while (taken < 100'000 && orders.ask(kOrder, static_cast<Exchange>(taken))) ++taken;
  EXPECT_LT(taken, 100'000);
  server_.resume();
}

}  // namespace
}  // namespace sluice
