#include "ingest/shared_view.h"

#include <gtest/gtest.h>

#include <set>

#include "schemas/partitioner.h"
#include "schemas/redis_keys.h"
#include "tests/redis/redis_server.h"

namespace sluice {
namespace {

using namespace std::chrono_literals;

constexpr Generation kGeneration{2};
constexpr int kPartitions = 8;
const StockScanBounds kBounds{.generation = kGeneration, .partitions = kPartitions, .skus_max = 3000};
const Ticket kOrder = Ticket::of(Partition{3}, Position::at(kGeneration, 1000));
const Ticket kRepetition = Ticket::of(Partition{3}, Position::at(kGeneration, 1007));

std::string position(Offset offset) { return std::to_string(Position::at(kGeneration, offset).value); }

class SharedViewTest : public ::testing::Test {
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
    write({"HSET",
           redis_keys::order(kOrder),
           redis_keys::kVersion,
           position(1003),
           redis_keys::kStatus,
           status,
           redis_keys::kSku,
           "mask-1",
           redis_keys::kUser,
           "u-1",
           redis_keys::kQuantity,
           quantity,
           redis_keys::kAmountMinor,
           "500",
           redis_keys::kCurrency,
           "EUR",
           redis_keys::kCreatedMs,
           "1699999999000",
           redis_keys::kDeadlineMs,
           "1700000000000",
           redis_keys::kPayByMs,
           "1700000000007"});
  }
  void write_refund(const std::string& payment, std::string_view json) {
    write({"HSET", redis_keys::refunds(kOrder), redis_keys::kVersion, position(1009), "payment:" + payment, json});
  }
  // The view holds everything before the offset.
  void write_progress(Offset next, int partition = 3, std::string_view partitions = "8") {
    write({"HSET", redis_keys::progress(Partition{partition}), redis_keys::kVersion, position(next), redis_keys::kGeneration,
           "2", redis_keys::kPartitions, partitions});
  }
  void write_kept_since(Offset since) {
    write({"HSET", redis_keys::kept_since(Partition{3}), redis_keys::kVersion, position(since), redis_keys::kSinceMs, "7"});
  }
  void write_stock(const std::string& sku, std::string_view frozen = "0") {
    write({"HSET",
           redis_keys::stock(sku),
           redis_keys::kVersion,
           position(44),
           redis_keys::kSaleId,
           "spring",
           redis_keys::kTitle,
           "Masks",
           redis_keys::kPriceMinor,
           "1900",
           redis_keys::kCurrency,
           "EUR",
           redis_keys::kLimitPerUser,
           "2",
           redis_keys::kHoldSeconds,
           "1200",
           redis_keys::kDefined,
           "21",
           redis_keys::kUnopened,
           "6",
           redis_keys::kAvailable,
           "5",
           redis_keys::kHeld,
           "4",
           redis_keys::kSold,
           "3",
           redis_keys::kWithdrawn,
           "3",
           redis_keys::kFrozen,
           frozen,
           redis_keys::kSlots,
           R"([{"opens_ms":1000,"closes_ms":2000,"quantity":15,"opened":true},)"
           R"({"opens_ms":3000,"closes_ms":4000,"quantity":6,"opened":false}])",
           redis_keys::kLogTimeMs,
           "1234"});
  }

  StoredOrder asked(SharedView& view, Ticket order = kOrder) {
    EXPECT_TRUE(view.ask(order, /*asked_by=*/7));
    std::vector<StoredOrder> answers;
    while (answers.empty()) {
      bell_.wait(1000ms);
      view.answered(answers);
    }
    EXPECT_EQ(answers.size(), 1U);
    EXPECT_EQ(answers.front().asked_by, 7U);
    return answers.front();
  }
  StoredStocks loaded(SharedView& view) {
    EXPECT_TRUE(view.load());
    while (true) {
      if (auto stocks = view.loaded()) return *std::move(stocks);
      bell_.wait(1000ms);
    }
  }

  RedisServer server_;
  Doorbell bell_;
};

TEST_F(SharedViewTest, ReadsAnOrderWhole) {
  write_order("held");
  SharedView view(address(), kBounds, bell_);
  const StoredOrder stored = asked(view);
  ASSERT_EQ(stored.known, StoredOrder::Known::kFound);
  EXPECT_EQ(stored.id, kOrder);
  EXPECT_EQ(stored.order.status, v1::HELD);
  EXPECT_EQ(stored.order.sku, "mask-1");
  EXPECT_EQ(stored.order.user, "u-1");
  EXPECT_EQ(stored.order.quantity, 2U);
  EXPECT_EQ(stored.order.amount_minor, 500);
  EXPECT_EQ(stored.order.currency, "EUR");
  EXPECT_EQ(stored.order.created, 1'699'999'999'000);
  EXPECT_EQ(stored.order.pay_by, 1'700'000'000'007);
  EXPECT_EQ(stored.order.version, Position::at(kGeneration, 1003));
  EXPECT_TRUE(stored.order.refunds.empty());
  EXPECT_TRUE(stored.order.whole);
}

TEST_F(SharedViewTest, ReadsWhatGoesBackToTheBuyer) {
  write_order("refunded");
  const std::string version = position(1009);
  write_refund("p-2", R"({"version":)" + version + R"(,"amount_minor":1900,"currency":"EUR","reason":"refund_requested",)" +
                          R"("settled":false})");
  write_refund("p-1",
               R"({"version":)" + version + R"(,"amount_minor":7,"currency":"USD","reason":"wrong_amount","settled":true})");
  SharedView view(address(), kBounds, bell_);
  const StoredOrder stored = asked(view);
  ASSERT_EQ(stored.known, StoredOrder::Known::kFound);
  ASSERT_EQ(stored.order.refunds.size(), 2U);
  const RefundView& first = stored.order.refunds[0];
  EXPECT_EQ(first.payment_id, "p-1");
  EXPECT_EQ(first.amount_minor, 7);
  EXPECT_EQ(first.currency, "USD");
  EXPECT_EQ(first.reason, "wrong_amount");
  EXPECT_TRUE(first.settled);
  EXPECT_EQ(first.version, Position::at(kGeneration, 1009));
  EXPECT_EQ(stored.order.refunds[1].payment_id, "p-2");
  EXPECT_FALSE(stored.order.refunds[1].settled);
  write_refund("p-3", "{");
  EXPECT_EQ(asked(view).known, StoredOrder::Known::kNotTelling) << "half of the money is no answer";
}

TEST_F(SharedViewTest, FollowsARepetitionToItsOrder) {
  write({"HSET", redis_keys::order(kRepetition), redis_keys::kVersion, position(1007), redis_keys::kAliasOf,
         std::to_string(kOrder.value)});
  write_order("paid");
  SharedView view(address(), kBounds, bell_);
  const StoredOrder stored = asked(view, kRepetition);
  ASSERT_EQ(stored.known, StoredOrder::Known::kFound);
  EXPECT_EQ(stored.id, kOrder);
  EXPECT_EQ(stored.order.status, v1::PAID);
  write({"DEL", redis_keys::order(kOrder)});
  EXPECT_EQ(asked(view, kRepetition).known, StoredOrder::Known::kNotTelling);
  write_kept_since(0);
  write_progress(5000);
  EXPECT_EQ(asked(view, kRepetition).known, StoredOrder::Known::kMissing) << "there was an order";
}

TEST_F(SharedViewTest, CallsAnOrderMissingOnlyWhenTheViewHasComePastIt) {
  SharedView view(address(), kBounds, bell_);
  EXPECT_EQ(asked(view).known, StoredOrder::Known::kNotTelling) << "the view is empty, or is being rebuilt";
  write_progress(1000);
  EXPECT_EQ(asked(view).known, StoredOrder::Known::kNotTelling) << "the view has not come to it";
  write_progress(1001);
  EXPECT_EQ(asked(view).known, StoredOrder::Known::kMissing);
  write_progress(1001, 3, "4");
  EXPECT_EQ(asked(view).known, StoredOrder::Known::kNotTelling) << "that promise is about other topics";
}

TEST_F(SharedViewTest, SaysThatThereNeverWasAnOrderOnlyOfTicketsFromWhichOnAllAreKept) {
  SharedView view(address(), kBounds, bell_);
  write_kept_since(1000);
  EXPECT_EQ(asked(view).known, StoredOrder::Known::kNotTelling);
  write_progress(5000);
  EXPECT_EQ(asked(view).known, StoredOrder::Known::kNone);
  write_kept_since(1001);
  EXPECT_EQ(asked(view).known, StoredOrder::Known::kMissing) << "it may be one that was closed long ago";
}

TEST_F(SharedViewTest, LoadsTheStockOfEverySku) {
  write_stock("mask-1");
  write_stock("mask-2", "1");
  write_progress(50);
  write({"SET", "stocks", "of somebody else"});
  SharedView view(address(), kBounds, bell_);
  const StoredStocks stocks = loaded(view);
  ASSERT_EQ(stocks.covered_to.size(), 8U);
  EXPECT_EQ(stocks.covered_to[3], Position::at(kGeneration, 50));
  EXPECT_FALSE(stocks.covered_to[2].has_value());
  ASSERT_EQ(stocks.rows.size(), 2U);
  const SkuStock& stock = stocks.rows[stocks.rows[0].terms.sku() == "mask-1" ? 0 : 1];
  EXPECT_EQ(stock.version, Position::at(kGeneration, 44));
  EXPECT_EQ(stock.log_time, 1234);
  EXPECT_EQ(stock.terms.sale_id(), "spring");
  EXPECT_EQ(stock.terms.title(), "Masks");
  EXPECT_EQ(stock.terms.price_minor(), 1900);
  EXPECT_EQ(stock.terms.currency(), "EUR");
  EXPECT_EQ(stock.terms.limit_per_user(), 2U);
  EXPECT_EQ(stock.terms.hold_seconds(), 1200U);
  ASSERT_EQ(stock.terms.slots_size(), 2);
  EXPECT_EQ(stock.terms.slots(1).opens_ms(), 3000);
  EXPECT_EQ(stock.terms.slots(1).closes_ms(), 4000);
  EXPECT_EQ(stock.terms.slots(1).quantity(), 6U);
  EXPECT_EQ(stock.opened_slots, 1);
  EXPECT_FALSE(stock.frozen);
  EXPECT_EQ(stock.counters.sale_id(), "spring");
  EXPECT_EQ(stock.counters.defined(), 21);
  EXPECT_EQ(stock.counters.unopened(), 6);
  EXPECT_EQ(stock.counters.available(), 5);
  EXPECT_EQ(stock.counters.held(), 4);
  EXPECT_EQ(stock.counters.sold(), 3);
  EXPECT_EQ(stock.counters.withdrawn(), 3);
  EXPECT_TRUE(stocks.rows[&stock == &stocks.rows[0] ? 1 : 0].frozen);
}

TEST_F(SharedViewTest, LoadsStockOfMoreKeysThanOneStepLooksAt) {
  auto connection = RedisConnection::open(address());
  ASSERT_TRUE(connection.ok());
  for (int i = 0; i < 5000; ++i) connection->add({"HSET", "order:" + std::to_string(i), "status", "held"});
  ASSERT_TRUE(connection->exchange().ok());
  for (int i = 0; i < 30; ++i) write_stock("mask-" + std::to_string(i));
  SharedView view(address(), kBounds, bell_);
  std::set<std::string> skus;  // SCAN may bring one twice
  for (const SkuStock& row : loaded(view).rows) skus.insert(row.terms.sku());
  EXPECT_EQ(skus.size(), 30U);
}

TEST_F(SharedViewTest, LoadsABoundedNumberOfSkus) {
  for (int i = 0; i < 30; ++i) write_stock("mask-" + std::to_string(i));
  SharedView view(address(), {.generation = kGeneration, .partitions = kPartitions, .skus_max = 20}, bell_);
  const StoredStocks stocks = loaded(view);
  EXPECT_EQ(stocks.rows.size(), 20U);
  EXPECT_TRUE(stocks.cut);
}

TEST_F(SharedViewTest, TrustsNoPromiseOfAPartitionWithARowThatItCannotRead) {
  for (int partition = 0; partition < kPartitions; ++partition) write_progress(50, partition);
  write_stock("mask-1", "perhaps");
  SharedView view(address(), kBounds, bell_);
  const StoredStocks stocks = loaded(view);
  EXPECT_TRUE(stocks.rows.empty());
  const auto of_sku = static_cast<std::size_t>(partition_of("mask-1", kPartitions).value);
  for (std::size_t i = 0; i < kPartitions; ++i) EXPECT_EQ(stocks.covered_to[i].has_value(), i != of_sku);
}

TEST_F(SharedViewTest, AnswersALoadWithoutAnyPromiseWhileRedisIsDown) {
  write_progress(50);
  server_.kill();
  SharedView view(address(), kBounds, bell_);
  const StoredStocks stocks = loaded(view);
  EXPECT_EQ(stocks.covered_to, std::vector<std::optional<Position>>(kPartitions));
  server_.start();
  write_progress(50);
  while (!loaded(view).covered_to[3]) {
  }
}

TEST_F(SharedViewTest, DoesNotTellWhatItCannotRead) {
  SharedView view(address(), kBounds, bell_);
  write_progress(5000);
  write_order("sold");
  EXPECT_EQ(asked(view).known, StoredOrder::Known::kNotTelling);
  write_order("held", "many");
  EXPECT_EQ(asked(view).known, StoredOrder::Known::kNotTelling);
}

TEST_F(SharedViewTest, FindsItsWayBackWhenRedisReturns) {
  write_order("paid");
  SharedView view(address(), kBounds, bell_);
  EXPECT_EQ(asked(view).known, StoredOrder::Known::kFound);
  server_.kill();
  EXPECT_EQ(asked(view).known, StoredOrder::Known::kNotTelling);
  server_.start();
  write_order("paid");
  while (asked(view).known != StoredOrder::Known::kFound) {
  }
}

TEST_F(SharedViewTest, DoesNotHangWithRedis) {
  SharedView view(address(), kBounds, bell_);
  write_order("paid");
  EXPECT_EQ(asked(view).known, StoredOrder::Known::kFound);
  server_.pause();
  EXPECT_EQ(asked(view).known, StoredOrder::Known::kNotTelling);
  server_.resume();
}

TEST_F(SharedViewTest, TakesABoundedNumberOfQuestions) {
  server_.pause();
  SharedView view(address(), kBounds, bell_);
  int taken = 0;
  while (taken < 100'000 && view.ask(kOrder, static_cast<Exchange>(taken))) ++taken;
  EXPECT_LT(taken, 100'000);
  server_.resume();
}

}  // namespace
}  // namespace sluice
