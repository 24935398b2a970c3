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
  stored.mutable_order()->set_status(v1::PAID);
  stored.set_version(Position::at({1}, 9).value);
  stored.set_changed_ms(700);

  Effects effects(true);
  effects.record_at(750);
  effects.order_changed(Position::at({1}, 9), 700, stored.order());
  RowWrites rows;
  ViewChanges view;
  std::move(effects).move_to(LedgerState(kIdentity), rows, view);
  EXPECT_EQ(rows.puts.front().first, order_row(stored.order().id()));
  EXPECT_EQ(rows.puts.front().second, stored.SerializeAsString());
  EXPECT_EQ(view.orders.front().changed, 700);
  EXPECT_EQ(view.orders.front().recorded, 750);
}

TEST(EffectsTest, WritesTheNewOrdersOfABatchAsOneRow) {
  v1::StoredChunk chunk;
  Effects effects(true);
  for (const Offset offset : {7, 9}) {
    v1::Order& order = *chunk.add_orders();
    order.set_id(kIdentity.ticket(offset).value);
    order.set_status(v1::HELD);
    effects.order_reserved(Position::at({1}, offset), 700, order.id(), order.SerializeAsString());
  }
  RowWrites rows;
  ViewChanges view;
  std::move(effects).move_to(LedgerState(kIdentity), rows, view);
  ASSERT_EQ(rows.puts.size(), 2U) << "and the progress";
  EXPECT_EQ(rows.puts.front().first, chunk_row(kIdentity.ticket(7).value));
  EXPECT_EQ(rows.puts.front().second, chunk.SerializeAsString());
  ASSERT_EQ(view.orders.size(), 2U);
  EXPECT_EQ(view.orders.back().order.SerializeAsString(), chunk.orders(1).SerializeAsString());
}

TEST(EffectsTest, HandsTheViewWhatItWouldReadFromTheStore) {
  Effects effects(true);
  v1::Payment payment;
  payment.set_id("p1");
  effects.payment_changed(Position::at({1}, 9), payment);
  effects.alias_added({kIdentity.ticket(8), kIdentity.ticket(7).value, 1200});
  RowWrites rows;
  ViewChanges view;
  std::move(effects).move_to(LedgerState(kIdentity), rows, view);

  v1::StoredPayment stored_payment;
  ASSERT_TRUE(stored_payment.ParseFromString(rows.puts[0].second));
  EXPECT_EQ(stored_payment.version(), view.payments.front().version.value);
  EXPECT_EQ(stored_payment.payment().id(), view.payments.front().payment.id());
  v1::StoredAlias stored_alias;
  ASSERT_TRUE(stored_alias.ParseFromString(rows.puts[1].second));
  EXPECT_EQ(rows.puts[1].first, alias_row(view.aliases.front().duplicate.value));
  EXPECT_EQ(stored_alias.order(), view.aliases.front().order);
  EXPECT_EQ(stored_alias.deadline_ms(), view.aliases.front().deadline);
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
