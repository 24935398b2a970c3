#include "tests/ingest/doors.h"

namespace sluice {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class CancelDoorTest : public DoorsTest {
 protected:
  // A cancel of the order at offset 5, by u-1, is in the log at 101; the verdicts in memory go back to 100.
  void cancel_what_is_no_longer_in_memory() {
    next_[kPartition.value] = 100;
    appends_.end[kPartition.value] = 101;
    ruled(v1::REFUSED, v1::SOLD_OUT);
    poll();
    cancel(id(5), "u-1", "wait=5");
    acknowledge(0);
  }
};

TEST_F(CancelDoorTest, TellsACancelledOrderToItsBuyer) {
  there_is_an_order();
  EXPECT_FALSE(cancel(id(0), "u-1", "wait=5").has_value());
  ASSERT_EQ(appends_.sent.size(), 1U);
  EXPECT_EQ(appends_.sent[0].partition, kPartition);
  EXPECT_EQ(appends_.sent[0].intent.cancel().order(), ticket(0).value);
  EXPECT_EQ(appends_.sent[0].intent.cancel().user(), "u-1");
  acknowledge(0);
  EXPECT_THAT(answers_.given, IsEmpty()) << "not before the verdict";
  changed(0, v1::CANCELLED);
  poll();
  EXPECT_EQ(answer().status, 200);
  EXPECT_THAT(answer().body, HasSubstr(R"("status":"cancelled","order":")" + id(0)));
  EXPECT_THAT(answer().body, Not(HasSubstr("pending")));
}

TEST_F(CancelDoorTest, TellsACancelThatNobodyWaitsForAsPending) {
  there_is_an_order();
  EXPECT_FALSE(cancel(id(0)).has_value());
  acknowledge(0);
  EXPECT_EQ(answer().status, 202);
  EXPECT_THAT(answer().body, HasSubstr(R"("status":"held")"));
  EXPECT_THAT(answer().body, HasSubstr(R"("cancel":"pending"})"));
}

TEST_F(CancelDoorTest, TellsACancelAsPendingWhenTheWaitIsOver) {
  there_is_an_order();
  cancel(id(0), "u-1", "wait=5");
  acknowledge(0);
  now_ += 5'000;
  poll();
  EXPECT_EQ(answer().status, 202);
  EXPECT_THAT(answer().body, HasSubstr(R"("cancel":"pending"})"));
}

TEST_F(CancelDoorTest, TellsARepeatedCancelTheSame) {
  there_is_an_order();
  cancel(id(0), "u-1", "wait=5");
  cancel(id(0), "u-1", "wait=5");
  acknowledge(0);
  acknowledge(1);
  changed(0, v1::CANCELLED);
  ruled(v1::DUPLICATE).set_duplicate_of(ticket(0).value);
  poll();
  EXPECT_EQ(answers_.given.at(1).status, 200);
  EXPECT_EQ(answers_.given.at(1).body, answers_.given.at(2).body);
}

TEST_F(CancelDoorTest, SaysWhyAnOrderCannotBeCancelled) {
  there_is_an_order();
  for (int i = 0; i < 3; ++i) cancel(id(0), "u-1", "wait=5");
  for (std::size_t n = 0; n < 3; ++n) acknowledge(n);
  ruled(v1::REFUSED, v1::ALREADY_PAID);
  ruled(v1::REFUSED, v1::ALREADY_CLOSED);
  ruled(v1::REFUSED, v1::UNKNOWN_ORDER);
  poll();
  EXPECT_EQ(answers_.given.at(1).status, 409);
  EXPECT_THAT(answers_.given.at(1).body, HasSubstr("/problems/already-paid"));
  EXPECT_THAT(answers_.given.at(2).body, HasSubstr("/problems/already-closed"));
  EXPECT_EQ(answers_.given.at(3).status, 404);
}

TEST_F(CancelDoorTest, CancelsNobodyElsesOrder) {
  EXPECT_EQ(cancel(id(0), "u-2")->status, 404);
  EXPECT_EQ(cancel("nonsense")->status, 404);
  EXPECT_EQ(cancel(id(0), "")->status, 401);
  EXPECT_THAT(appends_.sent, IsEmpty());
}

TEST_F(CancelDoorTest, CancelsNoOrderOfAnEarlierGeneration) {
  const Ticket old = Ticket::of(kPartition, Position::at(Generation{1}, 0));
  EXPECT_EQ(cancel(ids_.write(old, "u-1"))->status, 409);
  const Ticket foreign = Ticket::of(Partition{77}, Position::at(kGeneration, 0));
  EXPECT_EQ(cancel(ids_.write(foreign, "u-1"))->status, 409);
  EXPECT_THAT(appends_.sent, IsEmpty());
}

TEST_F(CancelDoorTest, AsksTheStoreForAnOlderOrderThatIsCancelled) {
  cancel_what_is_no_longer_in_memory();
  ruled(v1::DUPLICATE).set_duplicate_of(ticket(5).value);
  poll();
  ASSERT_EQ(stored_.questions.size(), 1U);
  EXPECT_EQ(stored_.questions[0].first, ticket(5));
  StoredOrder reply{.asked_by = exchange_, .known = StoredOrder::Known::kFound};
  reply.order = {.status = v1::CANCELLED, .sku = kSku, .user = "u-1", .quantity = 1};
  stored_.replies.push_back(reply);
  poll();
  EXPECT_EQ(answer().status, 200);
  EXPECT_THAT(answer().body, HasSubstr(R"("status":"cancelled")"));
}

TEST_F(CancelDoorTest, AnswersACancelThatIsPendingWhenIngestGivesUp) {
  cancel_what_is_no_longer_in_memory();
  loop_->give_up();
  ASSERT_EQ(stored_.questions.size(), 1U) << "only then it asks for the order";
  EXPECT_EQ(answer().status, 202);
}

TEST_F(CancelDoorTest, DoesNotBelieveAStoreThatIsBehindTheCancel) {
  cancel_what_is_no_longer_in_memory();
  ruled(v1::DUPLICATE).set_duplicate_of(ticket(5).value);
  poll();
  StoredOrder reply{.asked_by = exchange_, .known = StoredOrder::Known::kFound};
  reply.order = {.status = v1::HELD, .sku = kSku, .user = "u-1", .quantity = 1};
  stored_.replies.push_back(reply);
  poll();
  EXPECT_EQ(answer().status, 503);
}

}  // namespace
}  // namespace sluice
