#include "ingest/answers.h"
#include "ingest/reasons.h"
#include "schemas/status_word.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

namespace sluice {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

OrderView order(v1::OrderStatus status) {
  return {.status = status,
          .sku = "mask-1",
          .user = "u-1",
          .quantity = 2,
          .amount_minor = 500,
          .currency = "EUR",
          .created = 1'709'164'700'000,
          .pay_by = 1'709'164'800'123};
}

void expect_json(const HttpAnswer& answer) {
  simdjson::dom::parser parser;
  simdjson::dom::element parsed;
  EXPECT_EQ(parser.parse(answer.body).get(parsed), simdjson::SUCCESS) << answer.body;
}

TEST(PendingAnswer, SendsABuyerToTheirTicketWithPlaceAndTime) {
  const HttpAnswer answer = pending_answer("T1", 12, 0.5, /*to_purchase=*/true);
  EXPECT_EQ(answer.status, 202);
  EXPECT_EQ(answer.location, "/v1/orders/T1");
  EXPECT_EQ(answer.body, R"({"ticket":"T1","status":"pending","queue_place":12,"eta_seconds":0.500})");
}

TEST(PendingAnswer, SaysNothingOfATimeThatIsNotKnown) {
  const HttpAnswer answer = pending_answer("T1", 0, std::nullopt, /*to_purchase=*/false);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.location, "");
  EXPECT_EQ(answer.body, R"({"ticket":"T1","status":"pending","queue_place":0})");
}

TEST(OrderAnswer, TellsWhatIsHeldAndUntilWhen) {
  const HttpAnswer answer = order_answer("T1", "T1", order(v1::HELD));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, R"({"ticket":"T1","status":"held","order":"T1","sku":"mask-1","quantity":2,"amount_minor":500,)"
                         R"("currency":"EUR","created":"2024-02-28T23:58:20.000Z","pay_by":"2024-02-29T00:00:00.123Z"})");
}

TEST(OrderAnswer, TellsWhatGoesBack) {
  OrderView refunded = order(v1::REFUNDED);
  add_refund(refunded, {.payment_id = "p-2", .amount_minor = 500, .currency = "EUR", .reason = "refund_requested"});
  add_refund(refunded, {.payment_id = "p\"1", .amount_minor = 7, .currency = "USD", .reason = "wrong_amount", .settled = true});
  const HttpAnswer answer = order_answer("T1", "T1", refunded);
  expect_json(answer);
  EXPECT_THAT(
      answer.body,
      HasSubstr(R"(,"refunds":[{"payment_id":"p\"1","amount_minor":7,"currency":"USD","reason":"wrong_amount","settled":true},)"
                R"({"payment_id":"p-2","amount_minor":500,"currency":"EUR","reason":"refund_requested","settled":false}]})"));
}

TEST(NoLongerKeptAnswer, SaysThatNoOrderCame) {
  const HttpAnswer answer = no_longer_kept_answer("T1");
  expect_json(answer);
  EXPECT_THAT(answer.body, HasSubstr(R"("ticket":"T1","status":"refused","reason":"no_longer_kept","message":"No order came)"));
}

TEST(OrderAnswer, NamesTheFirstOrderOfARepeatedRequest) {
  const HttpAnswer answer = order_answer("T2", "T1", order(v1::PAID));
  EXPECT_THAT(answer.body, HasSubstr(R"("ticket":"T2","status":"paid","order":"T1","duplicate_of":"T1")"));
  EXPECT_THAT(answer.body, Not(HasSubstr("pay_by")));
}

TEST(OrderAnswer, NamesEveryStatus) {
  EXPECT_EQ(status_word(v1::HELD), "held");
  EXPECT_EQ(status_word(v1::PAID), "paid");
  EXPECT_EQ(status_word(v1::CANCELLED), "cancelled");
  EXPECT_EQ(status_word(v1::RELEASED), "released");
  EXPECT_EQ(status_word(v1::REFUNDED), "refunded");
}

TEST(RefusedAnswer, GivesReasonAndSentenceForEveryReasonOfAPurchase) {
  for (int reason = v1::UNKNOWN_SKU; reason <= v1::WRONG_PARTITION; ++reason) {
    const HttpAnswer answer = refused_answer("T1", "", {.outcome = v1::REFUSED, .reason = static_cast<v1::Reason>(reason)});
    EXPECT_EQ(answer.status, 200);
    expect_json(answer);
    EXPECT_THAT(answer.body, HasSubstr("\"reason\":\"" + reason_name(static_cast<v1::Reason>(reason)) + "\""));
    EXPECT_THAT(answer.body, Not(HasSubstr("The request was refused."))) << "a reason of purchases deserves its own sentence";
  }
  EXPECT_EQ(reason_name(v1::SOLD_OUT), "sold_out");
}

TEST(RefusedAnswer, NamesTheFirstOfARepeatedRequest) {
  const HttpAnswer answer = refused_answer("T2", "T1", {.outcome = v1::DUPLICATE, .reason = v1::SOLD_OUT});
  EXPECT_THAT(answer.body, HasSubstr(R"("status":"refused","reason":"sold_out")"));
  EXPECT_THAT(answer.body, HasSubstr(R"("duplicate_of":"T1")"));
}

TEST(ArchivedAnswer, NeverSaysRefused) {
  const HttpAnswer answer = archived_answer("T1");
  expect_json(answer);
  EXPECT_THAT(answer.body, HasSubstr(R"("status":"archived")"));
  EXPECT_THAT(answer.body, Not(HasSubstr(R"("refused")")));
}

TEST(RefusedAnswer, SaysOfAVoidedRequestThatItWasLostAndMayBeTriedAgain) {
  const HttpAnswer answer = refused_answer("T1", "", {.outcome = v1::VOIDED});
  expect_json(answer);
  EXPECT_EQ(answer.body, R"({"ticket":"T1","status":"refused","reason":"voided","message":"The request was lost before it was )"
                         R"(decided; nothing was charged or reserved. You may try again with a new key."})");
}

}  // namespace
}  // namespace sluice
