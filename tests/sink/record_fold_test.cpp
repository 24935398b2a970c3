#include "sink/record_fold.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "schemas/status_word.h"
#include "tests/sink/expected_rows.h"
#include "tests/sink/sample_log.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr Partition kPartition{3};
constexpr Generation kGeneration{1};

Rows fold(const SampleLog& log) {
  RecordFold fold(kPartition, kGeneration, {});
  for (const v1::OrderRecord& record : log.records()) {
    const auto added = fold.add(record);
    EXPECT_TRUE(added.ok()) << added.error().message;
  }
  return fold.rows();
}

Error refusal_of(const v1::OrderRecord& record) {
  RecordFold fold(kPartition, kGeneration, {});
  const auto added = fold.add(record);
  EXPECT_FALSE(added.ok());
  EXPECT_EQ(fold.rows().size(), 0);
  return added.ok() ? Error::retryable("") : added.error();
}

// A record whose change is `change` after it was given to `spoil`.
template <typename Spoil>
v1::OrderRecord spoilt(const SampleLog& log, Spoil spoil) {
  v1::OrderRecord record = log.records().back();
  spoil(*record.mutable_change());
  return record;
}

TEST(RecordFold, ARowCarriesTheWholeOrderAndThePositionOfItsIntent) {
  SampleLog log(kPartition);
  log.refuse(5);
  const Ticket id = log.reserve();
  const Rows rows = fold(log);
  ASSERT_THAT(rows.orders, SizeIs(1));
  EXPECT_EQ(rows.orders[0].id(), id);
  EXPECT_EQ(rows.orders[0].version, Position::at(kGeneration, 5));
  EXPECT_EQ(rows.orders[0].order.SerializeAsString(), log.records()[1].change().orders(0).SerializeAsString());
}

TEST(RecordFold, TheLastStateOfAnOrderWinsWithinABatch) {
  SampleLog log(kPartition);
  const Ticket first = log.reserve();
  const Ticket second = log.reserve();
  log.pay(first, "p1");
  const Rows rows = fold(log);
  ASSERT_THAT(rows.orders, SizeIs(2));
  EXPECT_EQ(rows.orders[0].id(), first);
  EXPECT_EQ(rows.orders[0].order.status(), v1::PAID);
  EXPECT_EQ(rows.orders[0].version, Position::at(kGeneration, 2));
  EXPECT_EQ(rows.orders[1].id(), second);
  EXPECT_EQ(rows.orders[1].order.status(), v1::HELD);
}

TEST(RecordFold, ARunOfRefusalsChangesNoOrder) {
  SampleLog log(kPartition);
  log.refuse(1000);
  EXPECT_EQ(fold(log).size(), 0);
}

TEST(RecordFold, OneIntentMayChangeManyOrders) {
  SampleLog log(kPartition);
  const Ticket first = log.reserve();
  log.release({first, log.reserve(), log.reserve()});
  const Rows rows = fold(log);
  EXPECT_THAT(rows.orders, SizeIs(3));
  EXPECT_THAT(rows.history, SizeIs(6));
}

// Also of one and the same batch: the history is not only the last state.
TEST(RecordFold, TellsEveryTransitionOfAnOrder) {
  SampleLog log(kPartition);
  const Ticket bought = log.reserve();
  log.pay(bought, "p1");
  log.refund(bought, /*restock=*/false);
  const Ticket late = log.reserve();
  log.release({late});
  log.pay(late, "p2", /*again=*/true);
  log.refund(late, /*restock=*/true);
  const Ticket cancelled = log.reserve();
  log.cancel(cancelled);
  std::vector<std::string> told;
  for (const HistoryRow& row : fold(log).history) told.push_back(text_of(row));
  const auto line = [](Ticket order, Offset offset, const std::string& event) {
    return fmt::format("{}|{}|{}|{}|{}", order.value, Position::at(kGeneration, offset).value, event.substr(0, event.find(' ')),
                       SampleLog::kBegin + offset, event.substr(event.find(' ') + 1));
  };
  EXPECT_THAT(told,
              ElementsAre(line(bought, 0, "reserved NULL"), line(bought, 1, "paid NULL"), line(bought, 2, "refunded withdrawn"),
                          line(late, 3, "reserved NULL"), line(late, 4, "released NULL"), line(late, 5, "bought_again NULL"),
                          line(late, 6, "refunded restocked"), line(cancelled, 7, "reserved NULL"),
                          line(cancelled, 8, "cancelled NULL")));
}

TEST(RecordFold, APaymentHasItsLastEndAndTheTimeOfItsFirst) {
  SampleLog log(kPartition);
  log.pay(log.reserve(), "p1");
  log.refund(Ticket{log.change().orders(0).id()});
  log.settle("p1");
  log.give_back("p2", {}, v1::UNKNOWN_ORDER);
  const Rows rows = fold(log);
  ASSERT_THAT(rows.payments, SizeIs(2));
  const PaymentRow& first = rows.payments[0];
  EXPECT_EQ(first.version, Position::at(kGeneration, 3));
  EXPECT_EQ(first.created, SampleLog::kBegin + 1);
  EXPECT_EQ(first.changed, SampleLog::kBegin + 3);
  EXPECT_EQ(first.payment.refund_reason(), v1::REFUND_REQUESTED);
  EXPECT_TRUE(first.payment.refund_settled());
  EXPECT_EQ(rows.payments[1].payment.order(), 0);
}

TEST(RecordFold, KnowsASaleThatWasStoredBefore) {
  SampleLog log(kPartition);
  log.define("mask");
  RecordFold before(kPartition, kGeneration, {});
  ASSERT_TRUE(before.add(log.records()[0]).ok());
  log.reserve();
  log.refuse(3);
  RecordFold after(kPartition, kGeneration, before.rows().sales);
  ASSERT_TRUE(after.add(log.records()[1]).ok());
  ASSERT_TRUE(after.add(log.records()[2]).ok());
  ASSERT_THAT(after.rows().sales, SizeIs(1));
  EXPECT_EQ(after.rows().sales[0].sale.title(), "Box of 'ten'");
  EXPECT_EQ(after.rows().sales[0].counters.held(), 2);
  ASSERT_THAT(after.rows().refusals, SizeIs(1));
  EXPECT_EQ(text_of(after.rows().refusals[0]), "mask|spring|0|sold_out|3");
}

TEST(RecordFold, SaysWhichIntentsARefusalCountIsAbout) {
  SampleLog log(kPartition);
  log.define("mask");
  RecordFold fold(kPartition, kGeneration, {});
  ASSERT_TRUE(fold.add(log.records()[0]).ok());
  fold.forget_rows();
  log.refuse(3);
  log.refuse(2);
  ASSERT_TRUE(fold.add(log.records()[1]).ok());
  ASSERT_TRUE(fold.add(log.records()[2]).ok());
  const RefusalRow& row = fold.rows().refusals.at(0);
  EXPECT_EQ(row.since, Position::at(kGeneration, 1));
  EXPECT_EQ(row.version, Position::at(kGeneration, 5));
  EXPECT_EQ(row.count, 5);
}

TEST(RecordFold, ForgetsRowsButNotHowSalesStand) {
  SampleLog log(kPartition);
  log.define("mask");
  log.reserve();
  log.refuse(2);
  RecordFold fold(kPartition, kGeneration, {});
  ASSERT_TRUE(fold.add(log.records()[0]).ok());
  ASSERT_TRUE(fold.add(log.records()[1]).ok());
  fold.forget_rows();
  EXPECT_EQ(fold.rows().size(), 0);
  ASSERT_TRUE(fold.add(log.records()[2]).ok());
  EXPECT_THAT(fold.rows().refusals, SizeIs(1));
  EXPECT_THAT(fold.rows().sales, IsEmpty());
}

TEST(RecordFold, RefusesARecordOfANewerLedger) {
  v1::OrderRecord record;
  record.set_first_offset(7);
  record.set_last_offset(7);
  const Error error = refusal_of(record);
  EXPECT_EQ(error.kind, Error::Kind::kFatal);
  EXPECT_THAT(error.message, HasSubstr("intents 7 to 7 is of a kind which this sink does not know: upgrade sluice-sink"));
}

TEST(RecordFold, RefusesWhatANewerLedgerSaysInAKnownRecordAndChangesNothing) {
  SampleLog log(kPartition);
  const Ticket order = log.reserve();
  const auto status = [](v1::Change& change) { change.mutable_orders(0)->set_status(static_cast<v1::OrderStatus>(99)); };
  EXPECT_THAT(refusal_of(spoilt(log, status)).message, HasSubstr("status 99"));
  const auto event = [](v1::Change& change) { change.clear_event(); };
  EXPECT_THAT(refusal_of(spoilt(log, event)).message, HasSubstr("tells an event which this sink does not know"));
  const auto other_event = [](v1::Change& change) { change.mutable_frozen(); };
  EXPECT_THAT(refusal_of(spoilt(log, other_event)).message, HasSubstr("changes orders by the event 16"));
  log.pay(order, "p1");
  const auto end = [](v1::Change& change) { change.mutable_payments(0)->set_end(static_cast<v1::PaymentEnd>(9)); };
  EXPECT_THAT(refusal_of(spoilt(log, end)).message, HasSubstr("payment p1 the end 9"));
  log.give_back("p2", order, static_cast<v1::Reason>(99));
  EXPECT_THAT(refusal_of(log.records().back()).message, HasSubstr("payment p2 back for the reason 99"));
  log.refuse(3, "mask", static_cast<v1::Reason>(99));
  EXPECT_THAT(refusal_of(log.records().back()).message, HasSubstr("refuses for the reason 99"));
}

TEST(RecordFold, RefusesADamagedRun) {
  SampleLog log(kPartition);
  log.refuse(3);
  v1::OrderRecord record = log.records().back();
  record.mutable_unchanged()->add_sku_of(1);
  EXPECT_THAT(refusal_of(record).message, HasSubstr("the log is damaged"));
  record.mutable_unchanged()->add_sku_of(0);
  record.mutable_unchanged()->add_sku_of(2);
  EXPECT_THAT(refusal_of(record).message, HasSubstr("names a SKU that it does not list"));
  record = log.records().back();
  record.mutable_unchanged()->mutable_verdicts()->RemoveLast();
  EXPECT_THAT(refusal_of(record).message, HasSubstr("the log is damaged"));
}

TEST(RecordFold, RefusesOrdersAndPaymentsOfAnotherGenerationOrPartition) {
  SampleLog newer(kPartition, Generation{2});
  newer.reserve();
  SampleLog elsewhere(Partition{4});
  elsewhere.reserve();
  SampleLog payment(Partition{4});
  payment.give_back("p1", {}, v1::UNKNOWN_ORDER);
  for (const SampleLog* log : {&newer, &elsewhere, &payment}) {
    EXPECT_THAT(refusal_of(log->records()[0]).message,
                HasSubstr("set topics.generation to the one with which the topics were created"));
  }
}

TEST(RecordFold, EveryStatusOfTheFormatHasAWord) {
  const auto* statuses = v1::OrderStatus_descriptor();
  for (int i = 0; i < statuses->value_count(); ++i) {
    const auto status = static_cast<v1::OrderStatus>(statuses->value(i)->number());
    EXPECT_EQ(status_word(status).empty(), status == v1::ORDER_STATUS_UNSPECIFIED) << statuses->value(i)->name();
  }
}

TEST(RecordFold, MovesOnBehindAVoidedRangeWithoutRows) {
  v1::OrderRecord record;
  record.set_first_offset(7);
  record.set_last_offset(9);
  record.mutable_voided()->set_reason("lost");
  RecordFold fold(kPartition, kGeneration, {});
  const auto added = fold.add(record);
  EXPECT_TRUE(added.ok()) << added.error().message;
  EXPECT_EQ(fold.rows().size(), 0);
}

}  // namespace
}  // namespace sluice
