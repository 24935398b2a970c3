#include "ledger/effects.h"

#include <gtest/gtest.h>

#include "ledger/store_rows.h"

namespace sluice {
namespace {

const LedgerIdentity kIdentity{.partition = {0}, .generation = {1}, .partition_count = 1};

TEST(EffectsTest, WritesAnOrderAsProtobufWouldWriteTheStoredOrder) {
  v1::StoredOrder stored;
  stored.mutable_order()->set_id(kIdentity.ticket(7).value);
  stored.mutable_order()->set_user("alice");
  stored.set_version(Position::at({1}, 9).value);

  Effects effects(true);
  effects.order_changed(Position::at({1}, 9), stored.order());
  RowWrites rows;
  ViewChanges view;
  std::move(effects).move_to(LedgerState(kIdentity), rows, view);
  EXPECT_EQ(rows.puts.front().first, order_row(stored.order().id()));
  EXPECT_EQ(rows.puts.front().second, stored.SerializeAsString());
}

TEST(EffectsTest, WritesTheProgressWithWhateverElseChanged) {
  LedgerState state(kIdentity);
  state.next = 42;
  state.digest = 7;
  RowWrites rows;
  ViewChanges view;
  Effects(true).move_to(state, rows, view);
  v1::StoredProgress progress;
  ASSERT_EQ(rows.puts.back().first, kProgressRow);
  ASSERT_TRUE(progress.ParseFromString(rows.puts.back().second));
  EXPECT_EQ(progress.next_offset(), 42);
  EXPECT_EQ(progress.digest(), 7U);
  EXPECT_EQ(view.next, Position::at({1}, 42));
}

}  // namespace
}  // namespace sluice
