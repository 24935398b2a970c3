#include "ingest/ingest_loop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "schemas/partitioner.h"
#include "tests/ingest/ingest_world.h"

namespace sluice {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr Generation kGeneration{1};
constexpr int kPartitions = 4;
constexpr const char* kSku = "mask-1";
const Partition kPartition = partition_of(kSku, kPartitions);

class IngestLoopTest : public ::testing::Test, protected IngestWorld {
 protected:
  IngestLoopTest() : IngestWorld(1'000'000, kPartitions) {}

  static IngestRules rules() {
    IngestRules rules;
    rules.generation = kGeneration;
    rules.partitions = kPartitions;
    rules.in_hand = {.purchases_max = 4, .reserved = 2, .append_delay_max_ms = 1'000};
    rules.recent_requests_max = 100;
    rules.recent_requests_keep_ms = 60'000;
    rules.verdicts = {.verdicts = 64, .orders = 8};
    return rules;
  }

  // What the loop answers at once; empty status if nothing yet.
  std::optional<HttpAnswer> post(Exchange exchange, const std::string& user, const std::string& key, std::uint32_t quantity = 1,
                                 const char* prefer = "") {
    const std::string body = R"({"sku":"mask-1","quantity":)" + std::to_string(quantity) + "}";
    return loop_->on_request(exchange,
                             {.method = "POST",
                              .path = "/v1/orders",
                              .authorization = user,
                              .idempotency_key = key,
                              .content_type = "application/json",
                              .prefer = prefer,
                              .body = body},
                             now_);
  }
  std::optional<HttpAnswer> get(Exchange exchange, const std::string& user, Ticket ticket, const char* wait = "") {
    const std::string path = "/v1/orders/" + ids_.write(ticket, user);
    return loop_->on_request(exchange, {.method = "GET", .path = path, .wait = wait, .authorization = user}, now_);
  }
  void poll() {
    const auto done = loop_->poll_once(now_);
    EXPECT_TRUE(done.ok());
  }
  // Acknowledges the n-th message and hands the acknowledgement over.
  Ticket acknowledge(std::size_t n) {
    const Ticket ticket = Ticket::of(kPartition, Position::at(kGeneration, appends_.acknowledge(n)));
    poll();
    return ticket;
  }

  v1::Verdict& unchanged(Offset offset, v1::Outcome outcome, v1::Reason reason) {
    v1::OrderRecord record;
    record.set_first_offset(static_cast<std::uint64_t>(offset));
    record.set_last_offset(static_cast<std::uint64_t>(offset));
    v1::Verdict& verdict = *record.mutable_unchanged()->add_verdicts();
    verdict.set_outcome(outcome);
    verdict.set_reason(reason);
    tail_.records.push_back({kPartition, std::move(record), now_});
    return *tail_.records.back().record.mutable_unchanged()->mutable_verdicts(0);
  }
  v1::OrderRecord& held(Ticket ticket, const std::string& user) {
    v1::OrderRecord record;
    record.set_first_offset(static_cast<std::uint64_t>(ticket.position().offset()));
    record.set_last_offset(record.first_offset());
    record.mutable_change()->set_sku(kSku);
    record.mutable_change()->mutable_verdict()->set_outcome(v1::ACCEPTED);
    v1::Order& order = *record.mutable_change()->add_orders();
    order.set_id(ticket.value);
    order.set_sku(kSku);
    order.set_user(user);
    order.set_quantity(1);
    order.set_status(v1::HELD);
    order.set_hold_seconds(1200);
    tail_.records.push_back({kPartition, std::move(record), now_});
    return tail_.records.back().record;
  }

  void SetUp() override { start(rules()); }
};

TEST_F(IngestLoopTest, AnswersAPurchaseWithItsTicketOnceTheLogHasIt) {
  EXPECT_FALSE(post(1, "u-1", "k-1").has_value());
  ASSERT_EQ(appends_.sent.size(), 1U);
  EXPECT_EQ(appends_.sent[0].partition, kPartition);
  EXPECT_EQ(appends_.sent[0].key, kSku);
  EXPECT_EQ(appends_.sent[0].intent.purchase().user(), "u-1");
  poll();
  EXPECT_THAT(answers_.given, IsEmpty()) << "not before the acknowledgement";
  const Ticket ticket = acknowledge(0);
  EXPECT_EQ(answers_.given.at(1).status, 202);
  EXPECT_EQ(answers_.given.at(1).location, "/v1/orders/" + ids_.write(ticket, "u-1"));
}

TEST_F(IngestLoopTest, HoldsTheAnswerUntilTheVerdictWhenTheBuyerPrefersToWait) {
  post(1, "u-1", "k-1", 1, "wait=5");
  const Ticket ticket = acknowledge(0);
  EXPECT_THAT(answers_.given, IsEmpty());
  held(ticket, "u-1");
  poll();
  EXPECT_EQ(answers_.given.at(1).status, 200);
  EXPECT_THAT(answers_.given.at(1).body, HasSubstr(R"("status":"held")"));
}

TEST_F(IngestLoopTest, EndsAWaitWithTheTicketWhenItsTimeIsUp) {
  post(1, "u-1", "k-1", 1, "wait=5");
  acknowledge(0);
  now_ += 4'999;
  poll();
  EXPECT_THAT(answers_.given, IsEmpty());
  now_ += 1;
  poll();
  EXPECT_EQ(answers_.given.at(1).status, 202);
  EXPECT_THAT(answers_.given.at(1).body, HasSubstr(R"("status":"pending","queue_place":0)"));
}

TEST_F(IngestLoopTest, GivesTheVerdictAtOnceWhenTheLedgerWasFaster) {
  post(1, "u-1", "k-1");
  const Offset offset = appends_.acknowledge(0);
  unchanged(offset, v1::REFUSED, v1::SOLD_OUT);
  const std::optional<HttpAnswer> none = post(2, "u-2", "k-2");
  EXPECT_FALSE(none.has_value());
  poll();
  const auto again = post(3, "u-1", "k-1");
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->status, 200);
  EXPECT_THAT(again->body, HasSubstr(R"("reason":"sold_out")"));
}

TEST_F(IngestLoopTest, MakesOneIntentOfASecondClickWhileTheFirstIsInFlight) {
  post(1, "u-1", "k-1");
  EXPECT_FALSE(post(2, "u-1", "k-1").has_value());
  EXPECT_EQ(appends_.sent.size(), 1U);
  acknowledge(0);
  EXPECT_EQ(answers_.given.at(1).body, answers_.given.at(2).body);
}

TEST_F(IngestLoopTest, GivesTheSameTicketToARepetition) {
  post(1, "u-1", "k-1");
  acknowledge(0);
  const auto again = post(2, "u-1", "k-1");
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->status, 202);
  EXPECT_EQ(again->location, answers_.given.at(1).location);
  EXPECT_EQ(appends_.sent.size(), 1U);
}

TEST_F(IngestLoopTest, LetsTheLedgerRuleOnAKeyThatIsUsedForAnotherQuantity) {
  post(1, "u-1", "k-1", 1);
  acknowledge(0);
  post(2, "u-1", "k-1", 2);
  EXPECT_EQ(appends_.sent.size(), 2U);
}

TEST_F(IngestLoopTest, KeepsKeysOfDifferentUsersApart) {
  post(1, "u-1", "k-1");
  post(2, "u-2", "k-1");
  EXPECT_EQ(appends_.sent.size(), 2U);
}

TEST_F(IngestLoopTest, NeverSaysFailedWhenTheEndOfAnAppendIsUnknown) {
  post(1, "u-1", "k-1");
  post(2, "u-1", "k-1");
  appends_.fail(0, AppendEnd::How::kUnknown);
  poll();
  for (const Exchange exchange : {1, 2}) {
    EXPECT_EQ(answers_.given.at(exchange).status, 503);
    EXPECT_GT(answers_.given.at(exchange).retry_after_seconds, 0);
    EXPECT_THAT(answers_.given.at(exchange).body, HasSubstr("unknown-result"));
  }
  post(3, "u-1", "k-1");
  EXPECT_EQ(appends_.sent.size(), 2U) << "a repetition must be appended: the first may be lost";
}

TEST_F(IngestLoopTest, AsksToRepeatWhatTheLogDidNotTake) {
  post(1, "u-1", "k-1");
  appends_.fail(0, AppendEnd::How::kNotWritten);
  poll();
  EXPECT_EQ(answers_.given.at(1).status, 503);
  appends_.full = true;
  EXPECT_EQ(post(2, "u-1", "k-1")->status, 503);
}

TEST_F(IngestLoopTest, TurnsPurchasesAwayAboveItsBound) {
  for (Exchange exchange = 1; exchange <= 4; ++exchange) {
    EXPECT_FALSE(post(exchange, "u-" + std::to_string(exchange), "k").has_value());
  }
  const auto refused = post(5, "u-5", "k");
  ASSERT_TRUE(refused.has_value());
  EXPECT_EQ(refused->status, 503);
  EXPECT_THAT(refused->body, HasSubstr("overloaded"));
  acknowledge(0);
  EXPECT_FALSE(post(6, "u-6", "k").has_value());
}

TEST_F(IngestLoopTest, TurnsPurchasesAwayWhileTheLogIsSlow) {
  post(1, "u-1", "k-1");
  now_ += 1'001;
  EXPECT_EQ(post(2, "u-2", "k-2")->status, 503);
  EXPECT_FALSE(post(3, "u-1", "k-1").has_value()) << "a repetition costs the log nothing";
  acknowledge(0);
  EXPECT_FALSE(post(4, "u-2", "k-2").has_value());
}

TEST_F(IngestLoopTest, ReadsAVerdictForItsUserOnly) {
  const Ticket ticket = Ticket::of(kPartition, Position::at(kGeneration, 0));
  held(ticket, "u-1");
  poll();
  EXPECT_THAT(get(1, "u-1", ticket)->body, HasSubstr(R"("status":"held")"));
  const std::string path = "/v1/orders/" + ids_.write(ticket, "u-1");
  const auto foreign = loop_->on_request(2, {.method = "GET", .path = path, .authorization = "u-2"}, now_);
  EXPECT_EQ(foreign->status, 404);
}

TEST_F(IngestLoopTest, LetsAReaderWaitForTheVerdict) {
  const Ticket ticket = Ticket::of(kPartition, Position::at(kGeneration, 0));
  EXPECT_EQ(get(1, "u-1", ticket)->status, 200);
  EXPECT_FALSE(get(2, "u-1", ticket, "3").has_value());
  unchanged(0, v1::REFUSED, v1::NOT_ON_SALE);
  poll();
  EXPECT_THAT(answers_.given.at(2).body, HasSubstr(R"("reason":"not_on_sale")"));
}

TEST_F(IngestLoopTest, TellsTheFirstVerdictOfARepeatedRequest) {
  const Ticket first = Ticket::of(kPartition, Position::at(kGeneration, 0));
  held(first, "u-1");
  unchanged(1, v1::DUPLICATE, v1::REASON_UNSPECIFIED).set_duplicate_of(first.value);
  unchanged(2, v1::REFUSED, v1::SOLD_OUT);
  unchanged(3, v1::DUPLICATE, v1::SOLD_OUT).set_duplicate_of(Ticket::of(kPartition, Position::at(kGeneration, 2)).value);
  poll();
  const auto order = get(1, "u-1", Ticket::of(kPartition, Position::at(kGeneration, 1)));
  EXPECT_THAT(order->body, HasSubstr(R"("status":"held")"));
  EXPECT_THAT(order->body, HasSubstr(R"("duplicate_of":")" + ids_.write(first, "u-1")));
  const auto refused = get(2, "u-1", Ticket::of(kPartition, Position::at(kGeneration, 3)));
  EXPECT_THAT(refused->body, HasSubstr(R"("status":"refused","reason":"sold_out")"));
}

TEST_F(IngestLoopTest, AsksTheStoreForOlderOrders) {
  unchanged(100, v1::REFUSED, v1::SOLD_OUT);
  poll();
  const Ticket old = Ticket::of(kPartition, Position::at(kGeneration, 5));
  EXPECT_FALSE(get(1, "u-1", old).has_value());
  ASSERT_EQ(stored_.questions.size(), 1U);
  EXPECT_EQ(stored_.questions[0].first, old);
  StoredOrder reply{.asked_by = 1, .known = StoredOrder::Known::kFound, .id = old};
  reply.order = {.status = v1::PAID, .sku = kSku, .user = "u-1", .quantity = 1};
  stored_.replies.push_back(reply);
  poll();
  EXPECT_THAT(answers_.given.at(1).body, HasSubstr(R"("status":"paid")"));
}

TEST_F(IngestLoopTest, NeverSaysRefusedBecauseTheStoreDoesNotTell) {
  unchanged(100, v1::REFUSED, v1::SOLD_OUT);
  poll();
  const Ticket old = Ticket::of(kPartition, Position::at(kGeneration, 5));
  for (const Exchange exchange : {1, 2}) get(exchange, "u-1", old);
  stored_.replies.push_back({.asked_by = 1, .known = StoredOrder::Known::kNotTelling});
  stored_.replies.push_back({.asked_by = 2, .known = StoredOrder::Known::kMissing});
  poll();
  EXPECT_EQ(answers_.given.at(1).status, 503);
  EXPECT_EQ(answers_.given.at(2).status, 200);
  EXPECT_THAT(answers_.given.at(2).body, HasSubstr(R"("status":"archived")"));
  EXPECT_THAT(answers_.given.at(2).body, Not(HasSubstr(R"("refused")")));
  stored_.full = true;
  EXPECT_EQ(get(3, "u-1", old)->status, 503);
}

TEST_F(IngestLoopTest, DoesNotCallAnOrderMissingThatItKnowsToExist) {
  for (Offset offset = 0; offset < 9; ++offset) held(Ticket::of(kPartition, Position::at(kGeneration, offset)), "u-1");
  poll();
  EXPECT_FALSE(get(1, "u-1", Ticket::of(kPartition, Position::at(kGeneration, 0))).has_value()) << "only 8 orders are kept";
  stored_.replies.push_back({.asked_by = 1, .known = StoredOrder::Known::kMissing});
  poll();
  EXPECT_EQ(answers_.given.at(1).status, 503);
}

TEST_F(IngestLoopTest, DoesNotGuessAboutTicketsOfOtherGenerations) {
  const auto answer = get(1, "u-1", Ticket::of(kPartition, Position::at(Generation{9}, 0)));
  EXPECT_THAT(answer->body, HasSubstr(R"("status":"archived")"));
  EXPECT_THAT(get(2, "u-1", Ticket::of(Partition{99}, Position::at(kGeneration, 0)))->body, HasSubstr("archived"));
}

TEST_F(IngestLoopTest, StopsAtAGapAndTellsEverybodyFirst) {
  post(1, "u-1", "k-1");
  post(2, "u-2", "k-2", 1, "wait=30");
  acknowledge(1);
  unchanged(0, v1::REFUSED, v1::SOLD_OUT);
  unchanged(7, v1::REFUSED, v1::SOLD_OUT);
  const auto done = loop_->poll_once(now_);
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().kind, Error::Kind::kFatal);
  EXPECT_THAT(done.error().message, HasSubstr("gap"));
  EXPECT_EQ(answers_.given.at(1).status, 503);
  EXPECT_EQ(answers_.given.count(2), 1U);
}

TEST_F(IngestLoopTest, TellsEverybodyThatNothingIsKnownWhenTheProducerBreaks) {
  post(1, "u-1", "k-1");
  appends_.broken = true;
  EXPECT_FALSE(loop_->poll_once(now_).ok());
  EXPECT_EQ(answers_.given.at(1).status, 503);
  EXPECT_EQ(loop_->in_hand(), 0U);
}

TEST_F(IngestLoopTest, TellsThoseWhoWaitForTheStoreThatItDoesNotTellWhenItGivesUp) {
  unchanged(100, v1::REFUSED, v1::SOLD_OUT);
  poll();
  const Ticket old = Ticket::of(kPartition, Position::at(kGeneration, 5));
  for (const Exchange exchange : {1, 2}) get(exchange, "u-1", old);
  StoredOrder reply{.asked_by = 2, .known = StoredOrder::Known::kFound, .id = old};
  reply.order = {.status = v1::PAID, .sku = kSku, .user = "u-1", .quantity = 1};
  stored_.replies.push_back(reply);
  appends_.broken = true;
  EXPECT_FALSE(loop_->poll_once(now_).ok());
  EXPECT_EQ(answers_.given.at(1).status, 503);
  EXPECT_THAT(answers_.given.at(1).body, HasSubstr("/problems/not-readable"));
  EXPECT_THAT(answers_.given.at(2).body, HasSubstr(R"("status":"paid")")) << "what has come is told all the same";
}

TEST_F(IngestLoopTest, HoldsNothingBackWhenItStops) {
  post(1, "u-1", "k-1", 1, "wait=30");
  acknowledge(0);
  post(2, "u-2", "k-2", 1, "wait=30");
  loop_->finish();
  EXPECT_EQ(answers_.given.at(1).status, 202);
  acknowledge(1);
  EXPECT_EQ(answers_.given.at(2).status, 202) << "what is in flight still gets its ticket";
  EXPECT_EQ(loop_->in_hand(), 0U);
  post(3, "u-3", "k-3");
  loop_->give_up();
  EXPECT_EQ(answers_.given.at(3).status, 503) << "what is in flight at the very end";
}

TEST_F(IngestLoopTest, RefusesWhatIsWrongWithoutAppending) {
  EXPECT_EQ(loop_->on_request(1, {.method = "POST", .path = "/v1/orders"}, now_)->status, 401);
  EXPECT_EQ(loop_->on_request(2, {.method = "PUT", .path = "/v1/orders"}, now_)->status, 405);
  EXPECT_EQ(loop_->on_request(3, {.method = "GET", .path = "/"}, now_)->status, 404);
  EXPECT_EQ(loop_->on_request(4, {.method = "POST", .path = "/v1/orders", .authorization = "u"}, now_)->status, 415);
  EXPECT_EQ(post(5, "u-1", "")->status, 400);
  EXPECT_EQ(post(6, "u-1", "k", 0)->status, 422);
  EXPECT_EQ(loop_->on_request(7, {.method = "POST", .path = "/v1/orders", .body_too_large = true}, now_)->status, 413);
  EXPECT_EQ(loop_->on_request(8, {.method = "GET", .path = "/v1/orders/nonsense", .authorization = "u"}, now_)->status, 404);
  EXPECT_THAT(appends_.sent, IsEmpty());
}

}  // namespace
}  // namespace sluice
