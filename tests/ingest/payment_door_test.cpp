#include "tests/ingest/doors.h"

namespace sluice {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

using PaymentDoorTest = DoorsTest;

TEST_F(PaymentDoorTest, SaysThatAPaymentWasReceivedOnceTheLogHasIt) {
  EXPECT_FALSE(pay(id(0)).has_value());
  ASSERT_EQ(appends_.sent.size(), 1U);
  const v1::Pay& sent = appends_.sent[0].intent.pay();
  EXPECT_EQ(appends_.sent[0].partition, kPartition);
  EXPECT_EQ(sent.order(), ticket(0).value);
  EXPECT_EQ(sent.payment_id(), "p-1");
  EXPECT_EQ(sent.amount_minor(), 500);
  EXPECT_EQ(sent.currency(), "EUR");
  poll();
  EXPECT_THAT(answers_.given, IsEmpty()) << "not before the acknowledgement";
  acknowledge(0);
  EXPECT_EQ(answer().status, 200);
  EXPECT_EQ(answer().body, R"({"received":true,"payment_id":"p-1"})");
}

TEST_F(PaymentDoorTest, NeverSaysThatAPaymentWasReceivedWhenTheLogDoesNotSaySo) {
  pay(id(0));
  pay(id(0), "p-2");
  appends_.fail(0, AppendEnd::How::kUnknown);
  appends_.fail(1, AppendEnd::How::kNotWritten);
  poll();
  for (const Exchange exchange : {1, 2}) {
    EXPECT_EQ(answers_.given.at(exchange).status, 503);
    EXPECT_GT(answers_.given.at(exchange).retry_after_seconds, 0);
  }
  appends_.full = true;
  EXPECT_EQ(pay(id(0), "p-3")->status, 503);
}

TEST_F(PaymentDoorTest, TakesAPaymentThatIsDeliveredAgain) {
  pay(id(0));
  acknowledge(0);
  pay(id(0));
  acknowledge(1);
  EXPECT_EQ(answer().status, 200) << "the ledger knows the payment by its id";
}

TEST_F(PaymentDoorTest, TakesPaymentsThatNameNoOrderOfOurs) {
  const std::string foreign_partition = ids_.write(Ticket::of(Partition{77}, Position::at(kGeneration, 0)), "u-1");
  const std::string foreign_generation = ids_.write(Ticket::of(kPartition, Position::at(Generation{1}, 0)), "u-1");
  const std::vector<std::string> orders = {"", "nonsense", foreign_partition, foreign_generation, std::string(1000, 'A')};
  for (std::size_t n = 0; n < orders.size(); ++n) {
    EXPECT_FALSE(pay(orders[n]).has_value()) << orders[n];
    EXPECT_EQ(appends_.sent.at(n).intent.pay().order(), 0U) << orders[n];
    EXPECT_EQ(appends_.sent.at(n).partition, partition_of("p-1", kPartitions));
    acknowledge(n);
    EXPECT_EQ(answer().status, 200);
  }
}

TEST_F(PaymentDoorTest, TakesNoPaymentThatIsForgedEarlyOrLate) {
  const std::string body = R"({"payment_id":"p-1","order":"","amount_minor":500,"currency":"EUR"})";
  const std::string good = sluice_signature(kSecret, kNowSeconds, body);
  EXPECT_EQ(webhook(body, "")->status, 401);
  EXPECT_EQ(webhook(body + " ", good)->status, 401) << "the signature is over the bytes, not over what they mean";
  EXPECT_EQ(webhook(body, sluice_signature("ffffffffffffffffffffffffffffffff", kNowSeconds, body))->status, 401);
  EXPECT_EQ(webhook(body, sluice_signature(kSecret, kNowSeconds - 301, body))->status, 401);
  const auto early = webhook(body, sluice_signature(kSecret, kNowSeconds + 301, body));
  EXPECT_EQ(early->status, 401);
  EXPECT_THAT(early->body, HasSubstr("/problems/bad-signature"));
  EXPECT_EQ(early->challenge, "Sluice-Signature");
  EXPECT_THAT(appends_.sent, IsEmpty());
  EXPECT_FALSE(webhook(body, good).has_value());
}

TEST_F(PaymentDoorTest, SaysWhatAGenuinePaymentLacks) {
  const auto signed_body = [&](const std::string& body) {
    const auto refused = webhook(body, sluice_signature(kSecret, kNowSeconds, body));
    EXPECT_TRUE(refused.has_value()) << body;
    return refused.value_or(HttpAnswer{});
  };
  EXPECT_EQ(signed_body("{").status, 400);
  EXPECT_EQ(signed_body("").status, 400);
  EXPECT_EQ(signed_body(R"({"payment_id":"","order":"","amount_minor":500,"currency":"EUR"})").status, 422);
  EXPECT_EQ(signed_body(R"({"order":"","amount_minor":500,"currency":"EUR"})").status, 422);
  EXPECT_THAT(signed_body(R"({"payment_id":"p","order":"","amount_minor":-1,"currency":"EUR"})").body,
              HasSubstr("amount_minor must be from 0 to"));
  EXPECT_THAT(signed_body(R"({"payment_id":"p","order":"","amount_minor":1,"currency":"eur"})").body,
              HasSubstr("currency must be three capitals"));
  EXPECT_THAT(appends_.sent, IsEmpty());
  EXPECT_EQ(counts_.payments_unusable.Value(), 6) << "which is a matter for people";
}

TEST_F(PaymentDoorTest, KeepsRoomForPayersWhenBuyersFillTheHouse) {
  const auto buy = [&](const char* user) {
    return send({.method = "POST",
                 .path = "/v1/orders",
                 .authorization = user,
                 .idempotency_key = "k",
                 .content_type = "application/json",
                 .body = R"({"sku":"mask-1","quantity":1})"});
  };
  EXPECT_FALSE(buy("u-1").has_value());
  EXPECT_FALSE(buy("u-2").has_value());
  EXPECT_EQ(buy("u-3")->status, 503);
  now_ += 2'000;  // and the log is slow
  const std::string body = R"({"payment_id":"p-1","order":"","amount_minor":500,"currency":"EUR"})";
  EXPECT_FALSE(webhook(body, sluice_signature(kSecret, kNowSeconds, body)).has_value());
  EXPECT_FALSE(cancel(id(0)).has_value());
  const auto refused = cancel(id(0));
  ASSERT_TRUE(refused.has_value()) << "everything is bounded";
  EXPECT_EQ(refused->status, 503);
  EXPECT_THAT(refused->body, HasSubstr("overloaded"));
}

}  // namespace
}  // namespace sluice
