#include "ledger/effects.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ledger/store_rows.h"

namespace sluice {
namespace {

LedgerState state_with_a_line() {
  LedgerState state({Partition{3}, Generation{2}, 8});
  state.next = 17;
  state.log_time = 1234;
  state.lines["mask"].stock.sale.set_sku("mask");
  return state;
}

struct Gathered {
  RowWrites rows;
  ViewChanges view;
};

Gathered gather(bool view_wanted) {
  Effects effects(view_wanted);
  v1::Order order;
  order.set_id(5);
  effects.order_changed(Position::at(Generation{2}, 16), order);
  effects.line_changed("mask");
  effects.line_changed("mask");
  Gathered gathered;
  std::move(effects).move_to(state_with_a_line(), gathered.rows, gathered.view);
  return gathered;
}

TEST(Effects, StoreTheProgressWithTheChangesThatItSpeaksOf) {
  const Gathered gathered = gather(false);
  std::vector<std::string> keys;
  for (const auto& [key, value] : gathered.rows.puts) keys.push_back(key);
  EXPECT_THAT(keys, testing::UnorderedElementsAre(order_row(5), line_row("mask"), kProgressRow));
  v1::StoredProgress progress;
  ASSERT_TRUE(progress.ParseFromString(gathered.rows.puts.back().second));
  EXPECT_EQ(progress.next_offset(), 17);
  EXPECT_EQ(progress.log_time_ms(), 1234);
  EXPECT_EQ(progress.generation(), 2U);
  EXPECT_EQ(progress.partition(), 3U);
  EXPECT_EQ(progress.partition_count(), 8U);
}

TEST(Effects, HandTheViewWhatItWants) {
  const Gathered gathered = gather(true);
  EXPECT_TRUE(gathered.view.complete);
  EXPECT_EQ(gathered.view.orders.size(), 1U);
  EXPECT_EQ(gathered.view.stocks.size(), 1U);
  EXPECT_EQ(gathered.view.next, Position::at(Generation{2}, 17));
}

TEST(Effects, SayWhenNothingWasGatheredForTheView) {
  const Gathered gathered = gather(false);
  EXPECT_FALSE(gathered.view.complete) << "or the view would take the batch for one that changed nothing";
  EXPECT_TRUE(gathered.view.orders.empty());
  EXPECT_EQ(gathered.view.next, Position::at(Generation{2}, 17));
}

}  // namespace
}  // namespace sluice
