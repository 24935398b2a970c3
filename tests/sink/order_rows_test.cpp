#include "sink/order_rows.h"

#include <gmock/gmock.h>

#include "tests/sink/sample_log.h"

namespace sluice {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr Partition kPartition{3};
constexpr Generation kGeneration{1};

OrderRows fold(const SampleLog& log) {
  OrderRows rows(kPartition, kGeneration);
  for (const v1::OrderRecord& record : log.records()) EXPECT_TRUE(rows.add(record).ok());
  return rows;
}

TEST(OrderRows, ARowCarriesTheWholeOrderAndThePositionOfItsIntent) {
  SampleLog log(kPartition);
  log.refuse(5);
  const Ticket id = log.reserve();
  const OrderRows rows = fold(log);
  ASSERT_THAT(rows.rows(), SizeIs(1));
  EXPECT_EQ(rows.rows()[0].id(), id);
  EXPECT_EQ(rows.rows()[0].version, Position::at(kGeneration, 5));
  EXPECT_EQ(rows.rows()[0].order.SerializeAsString(), log.records()[1].change().orders(0).SerializeAsString());
}

TEST(OrderRows, TheLastStateOfAnOrderWinsWithinABatch) {
  SampleLog log(kPartition);
  const Ticket first = log.reserve();
  const Ticket second = log.reserve();
  log.set_status(first, v1::PAID, "p1");
  const OrderRows rows = fold(log);
  ASSERT_THAT(rows.rows(), SizeIs(2));
  EXPECT_EQ(rows.rows()[0].id(), first);
  EXPECT_EQ(rows.rows()[0].order.status(), v1::PAID);
  EXPECT_EQ(rows.rows()[0].version, Position::at(kGeneration, 2));
  EXPECT_EQ(rows.rows()[1].id(), second);
  EXPECT_EQ(rows.rows()[1].order.status(), v1::HELD);
}

TEST(OrderRows, ARunOfRefusalsChangesNoRow) {
  SampleLog log(kPartition);
  log.refuse(1000);
  EXPECT_THAT(fold(log).rows(), IsEmpty());
}

TEST(OrderRows, OneIntentMayChangeManyOrders) {
  SampleLog log(kPartition);
  for (int i = 0; i < 3; ++i) log.reserve();
  v1::OrderRecord released;
  released.set_first_offset(3);
  released.set_last_offset(3);
  for (const v1::OrderRecord& record : log.records()) {
    v1::Order& order = *released.mutable_change()->add_orders();
    order = record.change().orders(0);
    order.set_status(v1::RELEASED);
  }
  OrderRows rows(kPartition, kGeneration);
  ASSERT_TRUE(rows.add(released).ok());
  EXPECT_THAT(rows.rows(), SizeIs(3));
}

TEST(OrderRows, RefusesARecordOfANewerLedger) {
  v1::OrderRecord record;
  record.set_first_offset(7);
  record.set_last_offset(7);
  OrderRows rows(kPartition, kGeneration);
  const auto added = rows.add(record);
  ASSERT_FALSE(added.ok());
  EXPECT_EQ(added.error().kind, Error::Kind::kFatal);
  EXPECT_THAT(added.error().message, HasSubstr("intents 7 to 7 is of a kind that this sink does not know"));
}

TEST(OrderRows, RefusesAStatusOfANewerLedgerAndChangesNothing) {
  SampleLog log(kPartition);
  log.reserve();
  v1::OrderRecord record = log.records()[0];
  *record.mutable_change()->add_orders() = record.change().orders(0);
  record.mutable_change()->mutable_orders(1)->set_status(static_cast<v1::OrderStatus>(99));
  OrderRows rows(kPartition, kGeneration);
  const auto added = rows.add(record);
  ASSERT_FALSE(added.ok());
  EXPECT_THAT(added.error().message, HasSubstr("status 99"));
  EXPECT_THAT(rows.rows(), IsEmpty());
}

TEST(OrderRows, RefusesOrdersOfAnotherGenerationOrPartition) {
  SampleLog newer(kPartition, Generation{2});
  newer.reserve();
  SampleLog elsewhere(Partition{4});
  elsewhere.reserve();
  for (const SampleLog* log : {&newer, &elsewhere}) {
    OrderRows rows(kPartition, kGeneration);
    const auto added = rows.add(log->records()[0]);
    ASSERT_FALSE(added.ok());
    EXPECT_THAT(added.error().message, HasSubstr("set topics.generation to the one with which the topics were created"));
  }
}

TEST(OrderRows, EveryStatusOfTheFormatHasAWord) {
  const auto* statuses = v1::OrderStatus_descriptor();
  for (int i = 0; i < statuses->value_count(); ++i) {
    const auto status = static_cast<v1::OrderStatus>(statuses->value(i)->number());
    EXPECT_EQ(status_word(status).empty(), status == v1::ORDER_STATUS_UNSPECIFIED) << statuses->value(i)->name();
  }
}

}  // namespace
}  // namespace sluice
