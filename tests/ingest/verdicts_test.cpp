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

TEST_F(VerdictsTest, ForgetTheOldestOrdersBeyondTheirBound) {
  for (Offset offset = 0; offset < 5; ++offset) take(change(offset, v1::HELD, offset));
  EXPECT_EQ(verdicts_.order(ticket(1)), nullptr);
  EXPECT_NE(verdicts_.order(ticket(2)), nullptr);
  EXPECT_EQ(verdicts_.find(ticket(1)).verdict.outcome, v1::ACCEPTED);
}

}  // namespace
}  // namespace sluice
