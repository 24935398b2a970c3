#include "ledger/redis_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <thread>

#include "ledger/store_rows.h"
#include "runtime/clock.h"
#include "schemas/redis_keys.h"
#include "tests/ledger/selling_lane.h"
#include "tests/redis/redis_server.h"

namespace sluice {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class RedisViewTest : public testing::Test {
 protected:
  RedisViewTest() {
    settings_.redis.port = server_.port();
    settings_.redis.reply_timeout = 200ms;
    settings_.lane.generation = Generation{1};
    settings_.lane.partition_count = 8;
    settings_.lane.overflow_wait = 20ms;
    settings_.check_interval = 20ms;
    settings_.reconnect_wait = 10ms;
  }

  void start() { view_.emplace(settings_, metrics_); }

  RedisConnection redis() {
    auto connection = RedisConnection::open(settings_.redis);
    EXPECT_TRUE(connection.ok()) << connection.error().message;
    return std::move(connection).value();
  }

  // Polls, since nobody announces what is waited for.
  static bool eventually(const std::function<bool()>& holds) {
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (!holds()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      std::this_thread::yield();
    }
    return true;
  }

  // The view comes to show what the lane has stored.
  testing::AssertionResult converges(SellingLane& lane) {
    auto connection = redis();
    std::string differs;
    const auto same = [&] {
      if (!connection.usable()) connection = redis();  // it is slow to answer now and then
      return (differs = difference(lane, connection)).empty();
    };
    if (eventually(same)) return testing::AssertionSuccess();
    return testing::AssertionFailure() << differs;
  }

  // The view comes to promise that it has kept everything since.
  bool comes_to_keep(SellingLane& lane, Position since) {
    auto connection = redis();
    return eventually([&] {
      const auto kept = connection.hash(redis_keys::kept_since(lane.partition()));
      return kept && kept->contains("version") && kept->at("version") == std::to_string(since.value);
    });
  }

  static bool follows(SellingLane& lane) {
    return eventually([&] { return lane.keeps_up(); });
  }

  double rereads() { return ViewMetrics(metrics_).rereads.Value(); }

  RedisServer server_;
  RedisViewSettings settings_;
  Metrics metrics_;
  SellingLane lane_{Partition{3}};
  std::optional<RedisView> view_;  // after the lane: it must end first, when the lane is detached
};

TEST_F(RedisViewTest, ShowsWhatTheLanePublishes) {
  start();
  lane_.attach(*view_);
  ASSERT_TRUE(follows(lane_));
  lane_.sell(10);
  lane_.pay(4);
  EXPECT_TRUE(converges(lane_));
  EXPECT_EQ(redis().hash(redis_keys::order(lane_.ticket(4)))->at("status"), "paid");
  EXPECT_EQ(redis().hash(redis_keys::progress(lane_.partition()))->at("generation"), "1");
  EXPECT_EQ(redis().hash(redis_keys::progress(lane_.partition()))->at("partitions"), "8");
  EXPECT_EQ(rereads(), 1) << "it caught up once, at first, and then followed";
  lane_.detach();
}

TEST_F(RedisViewTest, ShowsWhatBecameOfOrdersTheirRepetitionsAndTheirMoney) {
  start();
  lane_.attach(*view_);
  ASSERT_TRUE(follows(lane_));
  lane_.sell(10);
  lane_.repeat(4);
  lane_.pay(4);
  lane_.refund(4);
  EXPECT_TRUE(converges(lane_));
  EXPECT_EQ(redis().hash(redis_keys::order(lane_.ticket(10)))->at("alias_of"), std::to_string(lane_.ticket(4).value));
  EXPECT_THAT(redis().hash(redis_keys::refunds(lane_.ticket(4)))->at("payment:payment-4"), HasSubstr(R"("settled":false)"));
  lane_.refund(4, /*settled=*/true);
  EXPECT_TRUE(converges(lane_));
  EXPECT_THAT(redis().hash(redis_keys::refunds(lane_.ticket(4)))->at("payment:payment-4"), HasSubstr(R"("settled":true)"));
  EXPECT_EQ(rereads(), 1) << "all of it was published";
  lane_.detach();
}

TEST_F(RedisViewTest, ShowsRepetitionsAndMoneyFromTheStoreAfterRedisLostThem) {
  lane_.sell(600);
  for (int i = 0; i < 600; ++i) lane_.repeat(i);
  for (int i = 0; i < 600; ++i) lane_.refund(i);
  start();
  lane_.attach(*view_);
  EXPECT_TRUE(converges(lane_));
  ASSERT_TRUE(redis().ask({"FLUSHALL"}).ok());
  EXPECT_TRUE(converges(lane_));
  lane_.detach();
}

TEST_F(RedisViewTest, PromisesNothingOfTicketsBeforeARepetitionThatHasNoAlias) {
  start();
  lane_.attach(*view_);
  lane_.sell(10);
  ASSERT_TRUE(comes_to_keep(lane_, Position::at(Generation{1}, 0)));
  lane_.repeat_without_alias();
  EXPECT_TRUE(comes_to_keep(lane_, lane_.next()));
  ASSERT_TRUE(redis().ask({"FLUSHALL"}).ok());
  EXPECT_TRUE(comes_to_keep(lane_, lane_.next())) << "the store remembers it";
  lane_.detach();
}

TEST_F(RedisViewTest, SaysSinceWhenAllIsKeptOnceItFollows) {
  start();
  lane_.attach(*view_);
  lane_.sell(10);
  ASSERT_TRUE(converges(lane_));
  EXPECT_TRUE(comes_to_keep(lane_, Position::at(Generation{1}, 0))) << "nothing has ended yet";
  const auto ends = redis().ask({"PEXPIRETIME", redis_keys::kept_since(lane_.partition())});
  EXPECT_LE(ends->integer, unix_millis() + kClosedOrdersKeep) << "before the first key can end";
  ASSERT_TRUE(redis().ask({"FLUSHALL"}).ok());
  EXPECT_TRUE(comes_to_keep(lane_, Position::at(Generation{1}, 0)));
  lane_.detach();
}

TEST_F(RedisViewTest, SaysSinceWhenAllIsKeptWhereTheOldestHasEnded) {
  const UnixMillis now = unix_millis();
  lane_.set_log_time(now - kClosedOrdersKeep - 1000);
  lane_.sell(5);
  lane_.refund(0);
  lane_.set_log_time(now);
  lane_.sell(5);
  start();
  lane_.attach(*view_);
  EXPECT_TRUE(comes_to_keep(lane_, Position::at(Generation{1}, 6)));
  EXPECT_TRUE(redis().hash(redis_keys::order(lane_.ticket(0)))->empty()) << "it has ended";
  EXPECT_FALSE(redis().hash(redis_keys::order(lane_.ticket(1)))->empty()) << "a held order does not end";
  lane_.detach();
}

TEST_F(RedisViewTest, WarnsOfARedisThatThrowsKeysAway) {
  ASSERT_TRUE(redis().ask({"CONFIG", "SET", "maxmemory-policy", "allkeys-lru"}).ok());
  start();
  lane_.attach(*view_);
  EXPECT_TRUE(follows(lane_)) << "the ledger goes on";
  EXPECT_THAT(metrics_.text(), HasSubstr("sluice_ledger_view_eviction_safe 0"));
  ASSERT_TRUE(redis().ask({"CONFIG", "SET", "maxmemory-policy", "noeviction"}).ok());
  server_.kill();
  server_.start();
  EXPECT_TRUE(eventually([this] { return metrics_.text().find("sluice_ledger_view_eviction_safe 1") != std::string::npos; }));
  lane_.detach();
}

TEST_F(RedisViewTest, ShowsWhatWasStoredBeforeItWasAttached) {
  lane_.sell(1500);  // more than one exchange
  start();
  lane_.attach(*view_);
  EXPECT_TRUE(converges(lane_));
  lane_.detach();
}

TEST_F(RedisViewTest, ShowsABatchThatBeganWhileItWasBehindAndEndedWhenItFollowed) {
  server_.kill();
  start();
  lane_.attach(*view_);
  lane_.sell(5, [this] {
    server_.start();
    ASSERT_TRUE(follows(lane_)) << "it has read the store, without this batch";
  });
  EXPECT_TRUE(converges(lane_));
  lane_.detach();
}

TEST_F(RedisViewTest, FollowsALaneThatDoesNotStopForIt) {
  start();
  lane_.attach(*view_);
  for (int i = 0; i < 200; ++i) lane_.sell(3);  // from the first moment on
  EXPECT_TRUE(converges(lane_));
  lane_.detach();
}

TEST_F(RedisViewTest, WritesOnlyWhatIsNewerThanThePromiseItFinds) {
  start();
  lane_.attach(*view_);
  lane_.sell(100);
  ASSERT_TRUE(converges(lane_));
  lane_.detach();
  lane_.pay(7);
  const double before = ViewMetrics(metrics_).rows_written.Value() + ViewMetrics(metrics_).rows_not_newer.Value();
  lane_.attach(*view_);
  EXPECT_TRUE(converges(lane_));
  const double after = ViewMetrics(metrics_).rows_written.Value() + ViewMetrics(metrics_).rows_not_newer.Value();
  EXPECT_EQ(after - before, 2) << "the order and the stock";
  lane_.detach();
}

TEST_F(RedisViewTest, ServesAllLanesFromOneThread) {
  std::vector<std::unique_ptr<SellingLane>> lanes;
  start();
  for (int partition = 0; partition < 8; ++partition) {
    lanes.push_back(std::make_unique<SellingLane>(Partition{partition}));
    lanes.back()->sell(1200);
    lanes.back()->attach(*view_);
  }
  std::vector<std::thread> threads;
  for (auto& lane : lanes) {
    threads.emplace_back([&lane] {
      for (int i = 0; i < 100; ++i) lane->sell(5);
    });
  }
  for (auto& thread : threads) thread.join();
  for (auto& lane : lanes) EXPECT_TRUE(converges(*lane));
  for (auto& lane : lanes) lane->detach();
}

TEST_F(RedisViewTest, ConvergesAfterRedisDiedInTheMiddleAndLostEverything) {
  start();
  lane_.attach(*view_);
  std::thread seller([this] {
    for (int i = 0; i < 300; ++i) lane_.sell(10);
  });
  ASSERT_TRUE(eventually([this] { return ViewMetrics(metrics_).rows_written.Value() > 100; }));
  server_.kill();
  seller.join();
  EXPECT_TRUE(eventually([this] { return !lane_.keeps_up(); }));
  server_.start();
  EXPECT_TRUE(converges(lane_));
  ASSERT_TRUE(follows(lane_));
  lane_.sell(1);
  EXPECT_TRUE(converges(lane_));
  lane_.detach();
}

TEST_F(RedisViewTest, ConvergesAfterRedisWasFlushedUnderAnOpenConnection) {
  start();
  lane_.attach(*view_);
  lane_.sell(100);
  ASSERT_TRUE(converges(lane_));
  ASSERT_TRUE(redis().ask({"FLUSHALL"}).ok());
  EXPECT_TRUE(converges(lane_)) << "also when nothing more is sold";
  ASSERT_TRUE(redis().ask({"FLUSHALL"}).ok());
  lane_.sell(1);
  EXPECT_TRUE(converges(lane_));
  lane_.detach();
}

TEST_F(RedisViewTest, TrustsNothingInARedisWhosePromiseWentBack) {
  start();
  lane_.attach(*view_);
  lane_.sell(100);
  ASSERT_TRUE(converges(lane_));
  // As an older copy would be, and one with a hole.
  auto connection = redis();
  connection.add({"DEL", redis_keys::order(lane_.ticket(5))});
  connection.add(
      {"HSET", redis_keys::progress(lane_.partition()), "version", std::to_string(Position::at(Generation{1}, 50).value)});
  ASSERT_TRUE(connection.exchange().ok());
  EXPECT_TRUE(converges(lane_));
  lane_.detach();
}

TEST_F(RedisViewTest, NeverHoldsALaneUpWhenRedisDoesNotAnswer) {
  start();
  lane_.attach(*view_);
  ASSERT_TRUE(follows(lane_));
  server_.pause();
  const auto started = std::chrono::steady_clock::now();
  for (int i = 0; i < 1000; ++i) lane_.sell(1);
  EXPECT_LT(std::chrono::steady_clock::now() - started, settings_.redis.reply_timeout);
  EXPECT_TRUE(eventually([this] { return !lane_.keeps_up(); }));
  server_.resume();
  EXPECT_TRUE(converges(lane_));
  lane_.detach();
}

TEST_F(RedisViewTest, ReadsTheStoreAgainWhenMoreIsPublishedThanItMayHold) {
  settings_.lane.backlog_rows_max = 100;
  start();
  lane_.attach(*view_);
  ASSERT_TRUE(follows(lane_));
  lane_.sell(101);
  EXPECT_FALSE(lane_.keeps_up());
  EXPECT_TRUE(converges(lane_));
  EXPECT_GE(rereads(), 2) << "at first, and what was not published; and once more if something came meanwhile";
  lane_.detach();
}

TEST_F(RedisViewTest, WaitsForAStoreThatHasNotComeAsFarAsRedis) {
  start();
  lane_.attach(*view_);
  lane_.sell(100);
  ASSERT_TRUE(converges(lane_));
  lane_.detach();
  SellingLane redoing(Partition{3});  // the same history in a new folder
  redoing.set_log_time(lane_.log_time());
  redoing.attach(*view_);
  for (int i = 0; i < 50; ++i) redoing.sell(1);
  auto connection = redis();
  EXPECT_EQ(difference(lane_, connection), "") << "nothing went back";
  for (int i = 0; i < 70; ++i) redoing.sell(1);
  EXPECT_TRUE(converges(redoing));
  redoing.detach();
}

TEST_F(RedisViewTest, EndsWhenRedisHoldsTheViewOfAnotherGenerationOrPartitionCount) {
  settings_.lane.partition_count = 16;
  start();
  SellingLane first(Partition{0});
  first.attach(*view_);
  ASSERT_TRUE(converges(first));
  first.detach();
  view_.reset();

  settings_.lane.partition_count = 8;
  start();
  EXPECT_EQ(view_->failure(), std::nullopt);
  lane_.attach(*view_);
  ASSERT_TRUE(eventually([this] { return view_->failure().has_value(); }));
  EXPECT_EQ(view_->failure()->kind, Error::Kind::kFatal);
  EXPECT_THAT(view_->failure()->message, HasSubstr("generation 1 with 16 partitions"));
  EXPECT_FALSE(lane_.keeps_up());
  EXPECT_EQ(redis().hash(redis_keys::progress(lane_.partition()))->size(), 0U);
  lane_.detach();
}

TEST_F(RedisViewTest, GoesOnWithTheOtherLanesWhenTheStoreOfOneCannotBeRead) {
  SellingLane damaged(Partition{4});
  damaged.sell(700);  // more than one exchange
  const std::string newest = order_row(damaged.ticket(650).value);
  (void)damaged.store().write({.puts = {{newest, "\xff\xff"}}, .deletes = {}});
  start();
  damaged.attach(*view_);
  lane_.attach(*view_);
  lane_.sell(10);
  EXPECT_TRUE(converges(lane_));
  EXPECT_TRUE(eventually([this] { return rereads() >= 4; })) << "the damaged store is tried again";
  EXPECT_EQ(view_->failure(), std::nullopt);
  EXPECT_TRUE(redis().hash(redis_keys::progress(damaged.partition()))->empty()) << "nothing is promised of it";
  (void)damaged.store().write({.puts = {}, .deletes = {newest}});
  EXPECT_TRUE(converges(damaged)) << "once somebody has mended it";
  damaged.detach();
  lane_.detach();
}

TEST_F(RedisViewTest, ShowsHowStockStandsAlsoOfALaneThatItDoesNotFollow) {
  SellingLane damaged(Partition{4});
  damaged.sell(10);
  (void)damaged.store().write({.puts = {{order_row(damaged.ticket(5).value), "\xff\xff"}}, .deletes = {}});
  start();
  damaged.attach(*view_);
  damaged.sell(7);
  EXPECT_TRUE(eventually([&] {
    const auto stock = redis().hash(redis_keys::stock(damaged.sku()));
    return stock && stock->contains("held") && stock->at("held") == "17";
  }));
  EXPECT_TRUE(redis().hash(redis_keys::progress(damaged.partition()))->empty()) << "nothing is promised";
  damaged.detach();
}

TEST_F(RedisViewTest, FollowsALaneOnlyWhenItIsNear) {
  settings_.lane.backlog_rows_max = 100;
  lane_.sell(3000);
  start();
  lane_.attach(*view_);
  EXPECT_TRUE(converges(lane_));
  ASSERT_TRUE(follows(lane_));
  EXPECT_EQ(rereads(), 2) << "once from afar, and once what came meanwhile";
  lane_.detach();
}

TEST_F(RedisViewTest, GivesWayToOtherThreads) {
  start();
  EXPECT_TRUE(eventually([] {
    for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
      if (getpriority(PRIO_PROCESS, static_cast<id_t>(std::stoi(task.path().filename()))) == 19) return true;
    }
    return false;
  }));
  EXPECT_LT(getpriority(PRIO_PROCESS, static_cast<id_t>(gettid())), 19) << "the others are as they were";
}

TEST_F(RedisViewTest, LeavesTheStoreOfALaneThatIsDetached) {
  lane_.sell(20'000);
  start();
  for (int i = 0; i < 20; ++i) {
    auto lane = std::make_unique<SellingLane>(Partition{4});
    lane->sell(2000);
    lane->attach(*view_);
    lane->detach();
    lane.reset();  // a view thread that were still in its store would show under ASan
  }
  lane_.attach(*view_);
  EXPECT_TRUE(converges(lane_));
  lane_.detach();
}

// It is another log's, perhaps: what it has newer than Redis would stay there for good.
TEST_F(RedisViewTest, ShowsNothingOfAStoreThatIsNotTrustedYet) {
  lane_.sell(10);
  start();
  lane_.attach(*view_, /*trusts=*/false);
  SellingLane after(Partition{4});  // whose turn comes after the other's
  after.sell(10);
  after.attach(*view_);
  EXPECT_TRUE(converges(after));
  EXPECT_TRUE(redis().hash(redis_keys::progress(lane_.partition()))->empty());
  EXPECT_TRUE(redis().hash(redis_keys::order(lane_.ticket(4)))->empty());
  lane_.trust_store();
  EXPECT_TRUE(converges(lane_));
  after.detach();
  lane_.detach();
}

TEST_F(RedisViewTest, StartsWithoutRedisAndShowsAllOnceItIsThere) {
  server_.kill();
  start();
  lane_.attach(*view_);
  lane_.sell(10);
  EXPECT_FALSE(lane_.keeps_up());
  server_.start();
  EXPECT_TRUE(converges(lane_));
  lane_.detach();
}

}  // namespace
}  // namespace sluice
