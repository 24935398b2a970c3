#include "ledger/order_chunks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ledger/row_fetch.h"
#include "ledger/store_rows.h"
#include "schemas/ids.h"
#include "tests/ledger/rows_in_memory.h"

namespace sluice {
namespace {

using testing::ElementsAre;

std::uint64_t id_at(Offset offset) { return Ticket::of(Partition{3}, Position::at(Generation{1}, offset)).value; }

v1::Order order_at(Offset offset, v1::OrderStatus status = v1::HELD) {
  v1::Order order;
  order.set_id(id_at(offset));
  order.set_user("user-" + std::to_string(offset));
  order.set_status(status);
  order.set_created_ms(1000 + offset);
  return order;
}

class OrderChunksTest : public testing::Test {
 protected:
  // One write of the lane's that reserves the orders [first, end), at every `step`th intent.
  void reserve(Offset first, Offset end, Offset step = 1) {
    RowWrites writes;
    ChunkWriter chunks;
    for (Offset offset = first; offset < end; offset += step) {
      chunks.add(id_at(offset), order_at(offset).SerializeAsString(), writes);
    }
    chunks.finish(writes);
    ASSERT_TRUE(store_.write(std::move(writes)));
  }

  void change(Offset offset, v1::OrderStatus status, Offset at) {
    v1::StoredOrder stored;
    *stored.mutable_order() = order_at(offset, status);
    stored.set_version(Position::at(Generation{1}, at).value);
    rows_[order_row(id_at(offset))] = stored.SerializeAsString();
  }

  std::vector<Offset> visited() {
    std::vector<Offset> offsets;
    EXPECT_TRUE(visit_orders(store_, [&](const KeptOrder& row) {
      offsets.push_back(Ticket{row.id}.position().offset());
      return true;
    }));
    return offsets;
  }

  WorkingSet fetched(const std::vector<Offset>& offsets) {
    std::vector<std::string> missing;
    for (const Offset offset : offsets) missing.push_back(order_row(id_at(offset)));
    WorkingSet rows;
    EXPECT_TRUE(fetch_rows(store_, missing, rows));
    return rows;
  }

  RowsInMemory::Rows rows_;
  RowsInMemory store_{rows_};
};

TEST_F(OrderChunksTest, PutsManyOrdersIntoFewRowsOfBoundedSize) {
  reserve(0, 10'000);
  EXPECT_LT(rows_.size(), 100U);
  for (const auto& [key, value] : rows_) {
    EXPECT_LE(value.size(), kChunkBytesMax + 16);
    v1::StoredChunk chunk;
    ASSERT_TRUE(chunk.ParseFromString(value)) << "it is an ordinary message";
    EXPECT_EQ(key, chunk_row(chunk.orders(0).id()));
  }
}

TEST_F(OrderChunksTest, FindsAnOrderInItsChunk) {
  reserve(10, 2000, 3);
  reserve(2000, 4000, 3);
  const WorkingSet rows = fetched({3998, 10, 1998, 13, 2000, 9, 11, 4001});
  for (const Offset offset : {10, 13, 2000, 3998}) {
    EXPECT_EQ(rows.closed_orders.at(id_at(offset))->user(), "user-" + std::to_string(offset));
  }
  for (const Offset offset : {9, 11, 1998, 4001}) {
    EXPECT_EQ(rows.closed_orders.at(id_at(offset)), std::nullopt) << offset << " was asked for and is no order";
  }
}

TEST_F(OrderChunksTest, FindsTheOwnRowOfAnOrderThatHasChanged) {
  reserve(0, 10);
  change(5, v1::PAID, 20);
  EXPECT_EQ(fetched({5}).closed_orders.at(id_at(5))->status(), v1::PAID);
  EXPECT_EQ(fetched({4}).closed_orders.at(id_at(4))->status(), v1::HELD);
}

TEST_F(OrderChunksTest, VisitsEveryOrderOnceInOrderWithItsLastState) {
  std::vector<Offset> all;
  for (Offset begin = 0; begin < 90'000; begin += 1000) reserve(begin, begin + 900);  // more than is read at once
  for (Offset offset = 0; offset < 90'000; ++offset) {
    if (offset % 1000 < 900) all.push_back(offset);
  }
  for (const Offset offset : {0, 1, 899, 1000, 45'450, 89'899}) change(offset, v1::CANCELLED, 100'000 + offset);
  EXPECT_EQ(visited(), all);
  std::vector<Offset> changed;
  EXPECT_TRUE(visit_orders(store_, [&](const KeptOrder& row) {
    v1::StoredOrder stored;
    EXPECT_TRUE(row.read(stored));
    EXPECT_EQ(stored.order().id(), row.id);
    const Offset offset = Ticket{row.id}.position().offset();
    EXPECT_EQ(stored.order().status(), row.is_new ? v1::HELD : v1::CANCELLED);
    EXPECT_EQ(Position{stored.version()}.offset(), row.is_new ? offset : 100'000 + offset);
    EXPECT_EQ(stored.changed_ms(), row.is_new ? 1000 + offset : 0);
    if (!row.is_new) changed.push_back(offset);
    return true;
  }));
  EXPECT_THAT(changed, ElementsAre(0, 1, 899, 1000, 45'450, 89'899));
}

TEST_F(OrderChunksTest, EndsAVisitThatHasEnough) {
  reserve(0, 10);
  change(1, v1::PAID, 20);
  for (const int enough : {1, 2, 3}) {
    int visits = 0;
    EXPECT_TRUE(visit_orders(store_, [&](const KeptOrder&) { return ++visits < enough; }));
    EXPECT_EQ(visits, enough);
  }
}

TEST_F(OrderChunksTest, RefusesAChunkThatCannotBeRead) {
  reserve(0, 10);
  for (const std::string& damage : {rows_.begin()->second.substr(0, 100), std::string("\xff\xff"), std::string("\x0a\x01x")}) {
    rows_.begin()->second = damage;
    const auto visited = visit_orders(store_, [](const KeptOrder&) { return true; });
    ASSERT_FALSE(visited);
    EXPECT_EQ(visited.error().kind, Error::Kind::kDamaged);
    WorkingSet rows;
    EXPECT_FALSE(fetch_rows(store_, {order_row(id_at(9))}, rows));
  }
}

}  // namespace
}  // namespace sluice
