#include "ingest/rulings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include "ingest/reasons.h"

namespace sluice {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr Position kPosition = Position::at(Generation{1}, 7);

void expect_json(const HttpAnswer& answer) {
  simdjson::dom::parser parser;
  simdjson::dom::element parsed;
  EXPECT_EQ(parser.parse(answer.body).get(parsed), simdjson::SUCCESS) << answer.body;
}

TEST(PaymentAnswer, SaysThatItWasReceivedAndNotWhatItLeadTo) {
  const HttpAnswer answer = payment_answer("pay-\"1\"");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, R"({"received":true,"payment_id":"pay-\"1\""})");
}

TEST(ActAnswer, TellsAnAcceptedActAndItsRepetitionWithItsPosition) {
  const HttpAnswer accepted = act_answer({.outcome = v1::ACCEPTED}, kPosition);
  EXPECT_EQ(accepted.status, 200);
  EXPECT_EQ(accepted.body, R"({"verdict":"accepted","position":17592186044423})");
  const HttpAnswer again = act_answer({.duplicate_of = Ticket{1}, .outcome = v1::DUPLICATE}, kPosition);
  EXPECT_EQ(again.status, 200);
  EXPECT_THAT(again.body, HasSubstr(R"("verdict":"duplicate")"));
}

TEST(ActAnswer, TellsWhyAnActWasRefusedAlsoWhenItIsRepeated) {
  for (const v1::Outcome outcome : {v1::REFUSED, v1::DUPLICATE}) {
    const HttpAnswer answer = act_answer({.outcome = outcome, .reason = v1::NOT_ENOUGH_AVAILABLE, .could_take = 3}, kPosition);
    EXPECT_EQ(answer.status, 409);
    expect_json(answer);
    EXPECT_THAT(answer.body, HasSubstr(R"("type":"/problems/refused")"));
    EXPECT_THAT(answer.body, HasSubstr(R"("reason":"not_enough_available","message":"Fewer units)"));
    EXPECT_THAT(answer.body, HasSubstr(R"("could_take":3)"));
  }
  EXPECT_THAT(act_answer({.outcome = v1::REFUSED, .reason = v1::NOT_ENOUGH_AVAILABLE}, kPosition).body,
              HasSubstr(R"("could_take":0)"));
  EXPECT_THAT(act_answer({.outcome = v1::DUPLICATE, .reason = v1::NOT_ENOUGH_AVAILABLE}, kPosition).body,
              Not(HasSubstr("could_take")))
      << "it is not known any more";
  EXPECT_THAT(act_answer({.outcome = v1::REFUSED, .reason = v1::LOWER_VERSION}, kPosition).body, Not(HasSubstr("could_take")));
  EXPECT_EQ(act_answer({.outcome = v1::UNREADABLE}, kPosition).status, 409);
}

TEST(ActAnswer, AsksToRepeatWhatIsNotRuledOn) {
  const HttpAnswer answer = act_pending_answer();
  EXPECT_EQ(answer.status, 202);
  expect_json(answer);
  EXPECT_THAT(answer.body, HasSubstr(R"("verdict":"pending")"));
  EXPECT_THAT(answer.body, HasSubstr("repeat it with the same key"));
}

TEST(CancelRefused, NamesWhatStandsInItsWay) {
  EXPECT_THAT(cancel_refused_answer(v1::ALREADY_PAID).body, HasSubstr("/problems/already-paid"));
  EXPECT_THAT(cancel_refused_answer(v1::ALREADY_CLOSED).body, HasSubstr("/problems/already-closed"));
  EXPECT_EQ(cancel_refused_answer(v1::ALREADY_PAID).status, 409);
  EXPECT_EQ(cancel_refused_answer(v1::UNKNOWN_ORDER).status, 404);
  EXPECT_EQ(cancel_refused_answer(v1::NOT_YOURS).body, cancel_refused_answer(v1::UNKNOWN_ORDER).body)
      << "whose it is, is nobody's business";
  EXPECT_THAT(cancel_refused_answer(v1::WRONG_PARTITION).body, HasSubstr(R"("reason":"wrong_partition")"));
}

TEST(CancelPending, TellsTheOrderAsItIsKnown) {
  const HttpAnswer answer = with_cancel_pending({.status = 200, .body = R"({"ticket":"T","status":"held"})"}, "T");
  EXPECT_EQ(answer.status, 202);
  EXPECT_EQ(answer.body, R"({"ticket":"T","status":"held","cancel":"pending"})");
  EXPECT_EQ(answer.location, "/v1/orders/T");
}

TEST(CancelPending, TellsNoMoreWhereTheOrderCannotBeRead) {
  const HttpAnswer answer = with_cancel_pending({.status = 503, .body = R"({"type":"…"})"}, "T");
  EXPECT_EQ(answer.status, 202);
  EXPECT_EQ(answer.body, R"({"ticket":"T","order":"T","cancel":"pending"})");
}

TEST(Reasons, HaveASentenceEachThatAnActCanMeet) {
  for (const v1::Reason reason : {v1::UNKNOWN_SKU, v1::KEY_REUSED, v1::UNKNOWN_ORDER, v1::ALREADY_CLOSED, v1::NOT_PAID,
                                  v1::UNKNOWN_PAYMENT, v1::NO_REFUND_DUE, v1::LOWER_VERSION, v1::SALE_RUNNING,
                                  v1::OPENED_SLOT_CHANGED, v1::NOT_ENOUGH_AVAILABLE, v1::NO_CHANGE}) {
    EXPECT_NE(reason_sentence(reason), "The request was refused.") << reason_name(reason);
  }
}

TEST(ActAnswer, SaysThatAVoidedActWasLost) {
  const HttpAnswer answer = act_answer({.outcome = v1::VOIDED}, kPosition);
  EXPECT_EQ(answer.status, 409);
  expect_json(answer);
  EXPECT_THAT(answer.body, HasSubstr(R"("reason":"voided","message":"The request was lost)"));
}

}  // namespace
}  // namespace sluice
