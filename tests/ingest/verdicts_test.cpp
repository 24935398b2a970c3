#include "ingest/verdicts.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

constexpr Generation kGeneration{3};
constexpr Partition kPartition{5};

Ticket ticket(Offset offset) { return Ticket::of(kPartition, Position::at(kGeneration, offset)); }

v1::OrderRecord refusals(Offset first, int count, v1::Reason reason = v1::SOLD_OUT) {
  v1::OrderRecord record;
  record.set_first_offset(static_cast<std::uint64_t>(first));
  record.set_last_offset(static_cast<std::uint64_t>(first + count - 1));
  record.set_log_time_ms(10'000);
  for (int i = 0; i < count; ++i) {
    v1::Verdict& verdict = *record.mutable_unchanged()->add_verdicts();
    verdict.set_outcome(v1::REFUSED);
    verdict.set_reason(reason);
  }
  return record;
}

v1::OrderRecord change(Offset offset, v1::OrderStatus status, Offset order) {
  v1::OrderRecord record;
  record.set_first_offset(static_cast<std::uint64_t>(offset));
  record.set_last_offset(static_cast<std::uint64_t>(offset));
  record.set_log_time_ms(20'000);
  v1::Change& change = *record.mutable_change();
  change.set_sku("mask-1");
  change.mutable_verdict()->set_outcome(v1::ACCEPTED);
  v1::Order& row = *change.add_orders();
  row.set_id(ticket(order).value);
  row.set_sku("mask-1");
  row.set_user("u-1");
  row.set_quantity(2);
  row.set_amount_minor(500);
  row.set_currency("EUR");
  row.set_status(status);
  row.set_hold_seconds(1200);
  row.set_deadline_ms(99);
  return record;
}

class VerdictsTest : public ::testing::Test {
 protected:
  Coverage::Ruling take(const v1::OrderRecord& record, UnixMillis appended = 0) { return verdicts_.take(record, appended, 0); }

  Verdicts verdicts_{kGeneration, kPartition, {.verdicts = 8, .orders = 3}};
};

TEST_F(VerdictsTest, AreAllPendingBeforeTheFirstRecord) {
  EXPECT_EQ(verdicts_.find(ticket(0)).known, Verdicts::Known::kPending);
  EXPECT_EQ(verdicts_.next(), 0);
}

TEST_F(VerdictsTest, BeginWhereTheReaderBegan) {
  take(refusals(100, 3));
  EXPECT_EQ(verdicts_.find(ticket(99)).known, Verdicts::Known::kOlder);
  EXPECT_EQ(verdicts_.find(ticket(100)).known, Verdicts::Known::kDecided);
  EXPECT_EQ(verdicts_.find(ticket(102)).known, Verdicts::Known::kDecided);
  EXPECT_EQ(verdicts_.find(ticket(103)).known, Verdicts::Known::kPending);
}

TEST_F(VerdictsTest, TellOutcomeAndReason) {
  take(refusals(0, 2, v1::LIMIT_REACHED));
  const Verdicts::Found found = verdicts_.find(ticket(1));
  EXPECT_EQ(found.verdict.outcome, v1::REFUSED);
  EXPECT_EQ(found.verdict.reason, v1::LIMIT_REACHED);
  EXPECT_EQ(found.verdict.duplicate_of.value, 0U);
}

TEST_F(VerdictsTest, TellWhatADuplicateRepeats) {
  v1::OrderRecord record = refusals(7, 1);
  v1::Verdict& verdict = *record.mutable_unchanged()->mutable_verdicts(0);
  verdict.set_outcome(v1::DUPLICATE);
  verdict.set_reason(v1::REASON_UNSPECIFIED);
  verdict.set_duplicate_of(ticket(2).value);
  take(record);
  EXPECT_EQ(verdicts_.find(ticket(7)).verdict.duplicate_of, ticket(2));
}

TEST_F(VerdictsTest, ForgetTheOldestBeyondTheirBound) {
  take(refusals(0, 6));
  take(refusals(6, 6));
  EXPECT_EQ(verdicts_.find(ticket(3)).known, Verdicts::Known::kOlder);
  EXPECT_EQ(verdicts_.find(ticket(4)).known, Verdicts::Known::kDecided);
  EXPECT_EQ(verdicts_.find(ticket(11)).known, Verdicts::Known::kDecided);
}

TEST_F(VerdictsTest, ForgetWhatADuplicateRepeatedWithItsVerdict) {
  const auto duplicate = [this](Offset offset, Offset first) {
    v1::OrderRecord record = refusals(offset, 1);
    record.mutable_unchanged()->mutable_verdicts(0)->set_outcome(v1::DUPLICATE);
    record.mutable_unchanged()->mutable_verdicts(0)->set_duplicate_of(ticket(first).value);
    take(record);
  };
  duplicate(0, 100);
  take(refusals(1, 7));
  EXPECT_EQ(verdicts_.find(ticket(0)).verdict.duplicate_of, ticket(100));
  take(refusals(8, 1));
  EXPECT_EQ(verdicts_.find(ticket(8)).verdict.duplicate_of.value, 0U) << "it lies where offset 0 lay";
  duplicate(9, 200);
  EXPECT_EQ(verdicts_.find(ticket(9)).verdict.duplicate_of, ticket(200));
}

TEST_F(VerdictsTest, TakeARunThatIsLongerThanTheWindow) {
  take(refusals(0, 30));
  EXPECT_EQ(verdicts_.find(ticket(21)).known, Verdicts::Known::kOlder);
  EXPECT_EQ(verdicts_.find(ticket(22)).known, Verdicts::Known::kDecided);
}

TEST_F(VerdictsTest, ALaterRecordAboutAHeldOrderDoesNotMoveItsTimeToPay) {
  take(change(0, v1::HELD, 0), 1'000'000);
  take(change(1, v1::HELD, 0), 1'500'000);
  const OrderView* order = verdicts_.order(ticket(0));
  ASSERT_NE(order, nullptr);
  EXPECT_EQ(order->version, Position::at(kGeneration, 1));
  EXPECT_EQ(order->pay_by, 1'000'000 + 1'200'000);
}

TEST_F(VerdictsTest, DropWhatTheyHaveSeenAndStopAtAGap) {
  take(refusals(0, 3));
  EXPECT_EQ(take(refusals(0, 3, v1::FROZEN)), Coverage::Ruling::kSeen);
  EXPECT_EQ(verdicts_.find(ticket(0)).verdict.reason, v1::SOLD_OUT);
  EXPECT_EQ(take(refusals(4, 1)), Coverage::Ruling::kGap);
  EXPECT_EQ(verdicts_.next(), 3);
  EXPECT_EQ(verdicts_.find(ticket(4)).known, Verdicts::Known::kPending);
}

TEST_F(VerdictsTest, GiveTheBuyerTheWholeHoldFromTheAppendOfTheRecord) {
  take(change(0, v1::HELD, 0), 50'000);
  const OrderView* order = verdicts_.order(ticket(0));
  ASSERT_NE(order, nullptr);
  EXPECT_EQ(order->status, v1::HELD);
  EXPECT_EQ(order->user, "u-1");
  EXPECT_EQ(order->quantity, 2U);
  EXPECT_EQ(order->amount_minor, 500);
  EXPECT_EQ(order->pay_by, 50'000 + 1'200'000);
}

TEST_F(VerdictsTest, FollowAnOrderThroughItsLife) {
  take(change(0, v1::HELD, 0), 50'000);
  take(change(1, v1::PAID, 0), 60'000);
  EXPECT_EQ(verdicts_.order(ticket(0))->status, v1::PAID);
  EXPECT_EQ(verdicts_.find(ticket(0)).verdict.outcome, v1::ACCEPTED);
}

// A payment that goes back, by a record of its own.
v1::OrderRecord refund(Offset offset, Offset order, const std::string& payment, bool settled = false) {
  v1::OrderRecord record = refusals(offset, 0);
  record.set_last_offset(static_cast<std::uint64_t>(offset));
  record.mutable_change()->mutable_verdict()->set_outcome(v1::ACCEPTED);
  v1::Payment& row = *record.mutable_change()->add_payments();
  row.set_id(payment);
  row.set_order(ticket(order).value);
  row.set_amount_minor(7);
  row.set_currency("USD");
  row.set_end(v1::PAYMENT_REFUND_DUE);
  row.set_refund_reason(v1::WRONG_AMOUNT);
  row.set_refund_settled(settled);
  return record;
}

TEST_F(VerdictsTest, TellWhatGoesBackAndWhenItHas) {
  take(change(0, v1::HELD, 0));
  EXPECT_TRUE(verdicts_.order(ticket(0))->refunds.empty());
  take(refund(1, 0, "p-1"));
  take(refund(2, 0, "p-2"));
  take(refund(3, 0, "p-1", /*settled=*/true));
  const OrderView* order = verdicts_.order(ticket(0));
  ASSERT_EQ(order->refunds.size(), 2U);
  EXPECT_EQ(order->refunds[0].payment_id, "p-1");
  EXPECT_EQ(order->refunds[0].amount_minor, 7);
  EXPECT_EQ(order->refunds[0].currency, "USD");
  EXPECT_EQ(order->refunds[0].reason, "wrong_amount");
  EXPECT_TRUE(order->refunds[0].settled);
  EXPECT_FALSE(order->refunds[1].settled);
  EXPECT_TRUE(order->whole);
  EXPECT_EQ(order->version, Position::at(kGeneration, 0)) << "the payments did not change the order";
}

TEST_F(VerdictsTest, DoNotTellOfAPaymentThatStaysOrNamesNoOrder) {
  take(change(0, v1::HELD, 0));
  v1::OrderRecord paid = refund(1, 0, "p-1");
  paid.mutable_change()->mutable_payments(0)->set_end(v1::PAYMENT_PAID);
  take(paid);
  v1::OrderRecord stray = refund(2, 0, "p-2");
  stray.mutable_change()->mutable_payments(0)->set_order(0);
  take(stray);
  EXPECT_TRUE(verdicts_.order(ticket(0))->refunds.empty());
  EXPECT_EQ(verdicts_.trace(Ticket{}), nullptr);
}

TEST_F(VerdictsTest, KnowThatRefundsFromBeforeTheirBeginningMayBeMissing) {
  take(refund(100, 7, "p-1"));
  EXPECT_EQ(verdicts_.order(ticket(7)), nullptr) << "how the order stands is not known";
  ASSERT_NE(verdicts_.trace(ticket(7)), nullptr);
  EXPECT_EQ(verdicts_.trace(ticket(7))->refunds.size(), 1U);
  take(change(101, v1::REFUNDED, 7));
  ASSERT_NE(verdicts_.order(ticket(7)), nullptr);
  EXPECT_FALSE(verdicts_.order(ticket(7))->whole);
}

TEST(OrderView, TakesOfEachPartTheNewer) {
  const auto at = [](Offset offset) { return Position::at(kGeneration, offset); };
  OrderView one{.status = v1::HELD, .user = "u-1", .version = at(5), .whole = true};
  add_refund(one, {.payment_id = "a", .version = at(6), .settled = false});
  add_refund(one, {.payment_id = "b", .version = at(9), .settled = true});
  OrderView other{.status = v1::PAID, .user = "u-1", .version = at(8)};
  add_refund(other, {.payment_id = "a", .version = at(7), .settled = true});
  add_refund(other, {.payment_id = "b", .version = at(6), .settled = false});
  add_refund(other, {.payment_id = "c", .version = at(8)});
  for (const OrderView& both : {merged(one, other), merged(other, one)}) {
    EXPECT_EQ(both.status, v1::PAID);
    EXPECT_TRUE(both.whole);
    ASSERT_EQ(both.refunds.size(), 3U);
    EXPECT_TRUE(both.refunds[0].settled);
    EXPECT_TRUE(both.refunds[1].settled);
    EXPECT_EQ(both.refunds[2].payment_id, "c");
  }
}

TEST(OrderView, TellsABoundedNumberOfRefunds) {
  OrderView order;
  for (int i = 0; i < 1000; ++i) add_refund(order, {.payment_id = "p-" + std::to_string(i)});
  EXPECT_EQ(order.refunds.size(), kRefundsPerOrderMax);
}

TEST_F(VerdictsTest, ForgetTheOldestOrdersBeyondTheirBound) {
  for (Offset offset = 0; offset < 5; ++offset) take(change(offset, v1::HELD, offset));
  EXPECT_EQ(verdicts_.order(ticket(1)), nullptr);
  EXPECT_NE(verdicts_.order(ticket(2)), nullptr);
  EXPECT_EQ(verdicts_.find(ticket(1)).verdict.outcome, v1::ACCEPTED);
}

TEST_F(VerdictsTest, KnowOfEveryIntentOfAVoidedRangeThatTheWindowHolds) {
  take(refusals(0, 3));
  v1::OrderRecord record;
  record.set_first_offset(3);
  record.set_last_offset(1'000'000'000'000);  // nobody may count them one by one
  record.mutable_voided();
  EXPECT_EQ(take(record), Coverage::Ruling::kNew);
  EXPECT_EQ(verdicts_.next(), 1'000'000'000'001);
  for (const Offset offset : {999'999'999'993, 1'000'000'000'000}) {
    EXPECT_EQ(verdicts_.find(ticket(offset)).known, Verdicts::Known::kDecided);
    EXPECT_EQ(verdicts_.find(ticket(offset)).verdict.outcome, v1::VOIDED);
  }
  EXPECT_EQ(verdicts_.find(ticket(999'999'999'992)).known, Verdicts::Known::kOlder);
}

}  // namespace
}  // namespace sluice
