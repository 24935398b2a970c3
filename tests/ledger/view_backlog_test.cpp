#include "ledger/view_backlog.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice {
namespace {

using State = ViewBacklog::State;

constexpr Generation kGeneration{1};

ViewChanges changes_at(Offset offset, const std::string& sku, std::uint64_t ticket) {
  ViewChanges changes;
  StockSnapshot stock{Position::at(kGeneration, offset), {}, {}, 0, false};
  stock.sale.set_sku(sku);
  changes.stocks.push_back(stock);
  OrderSnapshot order{Position::at(kGeneration, offset), {}};
  order.order.set_id(ticket);
  changes.orders.push_back(order);
  changes.next = Position::at(kGeneration, offset + 1);
  changes.log_time = 1000 + offset;
  return changes;
}

TEST(ViewBacklog, KeepsTheLastStateOfEachSkuAndOrder) {
  ViewBacklog backlog(10);
  backlog.follow();
  for (Offset offset = 0; offset < 1000; ++offset) {
    ASSERT_TRUE(
        backlog.publish(changes_at(offset, offset % 2 == 0 ? "mask" : "glove", static_cast<std::uint64_t>(offset % 3))));
  }
  const auto taken = backlog.take();
  ASSERT_TRUE(taken.has_value());
  ASSERT_EQ(taken->stocks.size(), 2U);
  for (const auto& stock : taken->stocks) EXPECT_EQ(stock.version.offset(), stock.sale.sku() == "mask" ? 998 : 999);
  ASSERT_EQ(taken->orders.size(), 3U);
  for (const auto& order : taken->orders) EXPECT_GE(order.version.offset(), 997);
  EXPECT_EQ(taken->next.offset(), 1000);
  EXPECT_EQ(taken->log_time, 1999);
}

TEST(ViewBacklog, KeepsAliasesAndTheLastStateOfEachPayment) {
  ViewBacklog backlog(10);
  backlog.follow();
  for (Offset offset = 0; offset < 6; ++offset) {
    ViewChanges changes;
    changes.aliases.push_back({Ticket{static_cast<std::uint64_t>(offset + 100)}, 1, 0});
    changes.payments.push_back({Position::at(kGeneration, offset), {}});
    changes.payments.back().payment.set_id(offset % 2 == 0 ? "p1" : "p2");
    ASSERT_TRUE(backlog.publish(std::move(changes)));
  }
  const auto taken = backlog.take();
  ASSERT_TRUE(taken.has_value());
  EXPECT_EQ(taken->aliases.size(), 6U);
  ASSERT_EQ(taken->payments.size(), 2U);
  for (const auto& payment : taken->payments) EXPECT_GE(payment.version.offset(), 4);
}

TEST(ViewBacklog, BoundsAliasesAndPaymentsTogetherWithOrders) {
  ViewBacklog backlog(2);
  backlog.follow();
  ViewChanges changes = changes_at(0, "mask", 1);
  changes.aliases.push_back({Ticket{100}, 1, 0});
  changes.payments.push_back({Position::at(kGeneration, 0), {}});
  backlog.publish(std::move(changes));
  EXPECT_EQ(backlog.state(), State::kOverflowed);
}

TEST(ViewBacklog, GivesEachChangeOnce) {
  ViewBacklog backlog(10);
  backlog.follow();
  backlog.publish(changes_at(0, "mask", 1));
  EXPECT_TRUE(backlog.take().has_value());
  EXPECT_FALSE(backlog.take().has_value());
}

TEST(ViewBacklog, TakesNothingUntilItIsToFollow) {
  ViewBacklog backlog(10);
  EXPECT_EQ(backlog.state(), State::kIdle);
  backlog.publish(changes_at(0, "mask", 1));
  backlog.follow();
  EXPECT_FALSE(backlog.take().has_value());
}

TEST(ViewBacklog, KeepsHowSkusStandAlsoWhileItDoesNotFollow) {
  ViewBacklog backlog(10);
  EXPECT_FALSE(backlog.publish({})) << "nothing for the view thread";
  for (Offset offset = 0; offset < 5; ++offset) {
    ViewChanges without = changes_at(offset, "mask", 1);
    without.complete = false;
    EXPECT_TRUE(backlog.publish(std::move(without)));
  }
  const ViewChanges taken = backlog.take_stocks();
  ASSERT_EQ(taken.stocks.size(), 1U);
  EXPECT_EQ(taken.stocks.front().version.offset(), 4);
  EXPECT_EQ(taken.log_time, 1004);
  EXPECT_TRUE(taken.orders.empty());
  EXPECT_TRUE(backlog.take_stocks().stocks.empty()) << "once";
}

TEST(ViewBacklog, LetsGoOfEverythingAboveItsBound) {
  ViewBacklog backlog(2);
  backlog.follow();
  for (std::uint64_t ticket = 1; ticket <= 3; ++ticket) backlog.publish(changes_at(0, "mask", ticket));
  EXPECT_EQ(backlog.state(), State::kOverflowed);
  EXPECT_FALSE(backlog.take().has_value());
  backlog.publish(changes_at(1, "mask", 1));
  EXPECT_FALSE(backlog.take().has_value());
}

TEST(ViewBacklog, NoticesABatchWhoseChangesWereNotGathered) {
  ViewBacklog backlog(10);
  backlog.follow();
  backlog.publish(changes_at(0, "mask", 1));
  ViewChanges without = changes_at(1, "mask", 1);
  without.complete = false;
  EXPECT_TRUE(backlog.publish(without)) << "the view thread has to look";
  EXPECT_EQ(backlog.state(), State::kMissed);
  EXPECT_FALSE(backlog.take().has_value());
}

TEST(ViewBacklog, IsEmptyWhenItFollowsAgain) {
  ViewBacklog backlog(10);
  backlog.follow();
  backlog.publish(changes_at(0, "mask", 1));
  backlog.stop_following();
  EXPECT_EQ(backlog.state(), State::kIdle);
  backlog.follow();
  EXPECT_FALSE(backlog.take().has_value());
}

}  // namespace
}  // namespace sluice
