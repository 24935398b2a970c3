#include "stack/buyers/answer.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

TEST(Answer, HasTicketStatusAndReason) {
  const Answer answer = read_answer("{\"ticket\": \"00AF\",\n \"status\": \"refused\", \"reason\": \"sold_out\"}");
  EXPECT_EQ(answer.ticket, "00AF");
  EXPECT_EQ(answer.status, "refused");
  EXPECT_EQ(answer.reason, "sold_out");
}

TEST(Answer, HasWhatABuyerNeedsToPay) {
  const Answer answer = read_answer(
      R"({"ticket":"T","order":"O","status":"held","amount_minor":1900,"currency":"EUR","pay_by":"2026-11-22T18:20:00.000Z"})");
  EXPECT_EQ(answer.order, "O");
  EXPECT_EQ(answer.amount_minor, 1900);
  EXPECT_EQ(answer.currency, "EUR");
  EXPECT_EQ(answer.pay_by, "2026-11-22T18:20:00.000Z");
}

TEST(Answer, GoesIntoTheJournalOnOneLine) {
  EXPECT_EQ(read_answer("{\"a\":\n [1, 2]}\n").json, R"({"a":[1,2]})");
  EXPECT_EQ(read_answer("<html>\n\"busy\"").json, R"("<html>\u000a\"busy\"")");
  EXPECT_EQ(read_answer("").json, R"("")");
}

TEST(Answer, OfAnotherShapeHasNoFields) {
  EXPECT_EQ(read_answer("[1]").status, "");
  EXPECT_EQ(read_answer(R"({"status": 503})").status, "");
}

TEST(Token, NamesItsSubject) {
  // {"alg":"HS256"} . {"sub":"buyer-000001","exp":1} . nothing
  EXPECT_EQ(subject_of("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJidXllci0wMDAwMDEiLCJleHAiOjF9."), "buyer-000001");
}

TEST(Token, WithoutSubjectIsNone) {
  EXPECT_EQ(subject_of(""), std::nullopt);
  EXPECT_EQ(subject_of("a.b"), std::nullopt);
  EXPECT_EQ(subject_of("a.e30.c"), std::nullopt);  // {}
  EXPECT_EQ(subject_of("a.!!!.c"), std::nullopt);
}

}  // namespace
}  // namespace sluice
