#include "tests/ingest/doors.h"

namespace sluice {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

using AdminDoorTest = DoorsTest;

TEST_F(AdminDoorTest, AppliesASale) {
  const std::string body =
      R"({"sale_id":"s-1","version":2,"title":"Mask","price_minor":500,"currency":"EUR","limit_per_user":2,)"
      R"("slots":[{"opens":"2026-12-24T06:00:00Z","closes":"2026-12-24T06:30:00Z","quantity":200}]})";
  EXPECT_FALSE(act("/v1/admin/sales/mask-1", body, {.method = "PUT"}).has_value());
  ASSERT_EQ(appends_.sent.size(), 1U);
  EXPECT_EQ(appends_.sent[0].partition, kPartition);
  EXPECT_EQ(appends_.sent[0].key, kSku);
  const v1::DefineSale& sale = appends_.sent[0].intent.define_sale();
  EXPECT_EQ(sale.sku(), kSku);
  EXPECT_EQ(sale.version(), 2U);
  EXPECT_EQ(sale.slots(0).opens_ms(), 1'798'092'000'000);
  acknowledge(0);
  EXPECT_THAT(answers_.given, IsEmpty()) << "it waits for the verdict without being asked to";
  ruled(v1::ACCEPTED);
  poll();
  EXPECT_EQ(answer().status, 200);
  EXPECT_THAT(answer().body, HasSubstr(R"({"verdict":"accepted","position":)"));
}

TEST_F(AdminDoorTest, AdjustsStockFreezesAndRefunds) {
  act("/v1/admin/skus/mask-1/stock", R"({"delta":-5,"reason":"broken"})");
  act("/v1/admin/skus/mask-1/freeze", R"({"on":true})");
  act("/v1/admin/orders/" + id(0, "whoever") + "/refund", R"({"restock":true})");
  act("/v1/admin/refunds/p-1/settled", R"({"order":")" + id(0) + R"("})");
  ASSERT_EQ(appends_.sent.size(), 4U);
  const v1::AdjustStock& adjust = appends_.sent[0].intent.adjust_stock();
  EXPECT_EQ(adjust.delta(), -5);
  EXPECT_EQ(adjust.reason(), "broken");
  EXPECT_EQ(adjust.request_key(), "key-1");
  EXPECT_EQ(adjust.sku(), kSku);
  const v1::Freeze& freeze = appends_.sent[1].intent.freeze();
  EXPECT_TRUE(freeze.on());
  EXPECT_EQ(freeze.request_key(), "key-1");
  const v1::Refund& refund = appends_.sent[2].intent.refund();
  EXPECT_EQ(refund.order(), ticket(0).value);
  EXPECT_TRUE(refund.restock());
  EXPECT_EQ(refund.request_key(), "key-1");
  const v1::RefundSettled& settled = appends_.sent[3].intent.refund_settled();
  EXPECT_EQ(settled.payment_id(), "p-1");
  EXPECT_EQ(settled.order(), ticket(0).value);
  for (const auto& sent : appends_.sent) EXPECT_EQ(sent.partition, kPartition);
}

TEST_F(AdminDoorTest, SettlesARefundWithoutAnOrderByItsPayment) {
  const HttpRequest no_body{.content_type = " "};
  EXPECT_FALSE(act("/v1/admin/refunds/p-7/settled", "", no_body).has_value());
  EXPECT_EQ(appends_.sent.at(0).intent.refund_settled().order(), 0U);
  EXPECT_EQ(appends_.sent.at(0).partition, partition_of("p-7", kPartitions));
}

TEST_F(AdminDoorTest, TellsHowAnActEnded) {
  for (int i = 0; i < 3; ++i) act("/v1/admin/skus/mask-1/stock", R"({"delta":-5,"reason":"broken"})");
  for (std::size_t n = 0; n < 3; ++n) acknowledge(n);
  ruled(v1::REFUSED, v1::NOT_ENOUGH_AVAILABLE).set_could_take(2);
  ruled(v1::DUPLICATE, v1::NOT_ENOUGH_AVAILABLE).set_could_take(2);
  ruled(v1::DUPLICATE).set_duplicate_of(ticket(0).value);
  poll();
  for (const Exchange exchange : {1, 2}) {
    EXPECT_EQ(answers_.given.at(exchange).status, 409);
    EXPECT_THAT(answers_.given.at(exchange).body, HasSubstr(R"("reason":"not_enough_available")"));
    EXPECT_THAT(answers_.given.at(exchange).body, HasSubstr(R"("could_take":2)"));
  }
  EXPECT_EQ(answers_.given.at(3).status, 200);
  EXPECT_THAT(answers_.given.at(3).body, HasSubstr(R"("verdict":"duplicate")"));
}

TEST_F(AdminDoorTest, AsksToRepeatAnActThatIsNotRuledOnInTime) {
  act("/v1/admin/skus/mask-1/freeze", R"({"on":true})");
  acknowledge(0);
  now_ += 9'999;
  poll();
  EXPECT_THAT(answers_.given, IsEmpty());
  now_ += 1;
  poll();
  EXPECT_EQ(answer().status, 202);
  EXPECT_THAT(answer().body, HasSubstr(R"("verdict":"pending")"));
}

TEST_F(AdminDoorTest, WaitsForAnActAsLongAsItIsAsked) {
  act("/v1/admin/skus/mask-1/freeze", R"({"on":true})", {.prefer = "wait=0"});
  acknowledge(0);
  EXPECT_EQ(answer().status, 202);
}

TEST_F(AdminDoorTest, AppendsTheSameBytesForARepeatedAct) {
  act("/v1/admin/skus/mask-1/stock", R"({"delta":-5,"reason":"broken"})");
  appends_.fail(0, AppendEnd::How::kUnknown);
  poll();
  EXPECT_EQ(answer().status, 503);
  act("/v1/admin/skus/mask-1/stock", R"({ "reason": "broken", "delta": -5 })");
  ASSERT_EQ(appends_.sent.size(), 2U);
  EXPECT_EQ(appends_.sent[0].intent.SerializeAsString(), appends_.sent[1].intent.SerializeAsString())
      << "or the ledger could not know it again";
}

TEST_F(AdminDoorTest, LetsOnlyAdministratorsAct) {
  for (const char* path : {"/v1/admin/skus/mask-1/stock", "/v1/admin/skus/mask-1/freeze", "/v1/admin/orders/0A/refund",
                           "/v1/admin/refunds/p-1/settled"}) {
    EXPECT_EQ(act(path, "{}", {.authorization = "u-1"})->status, 403) << path;
    EXPECT_EQ(send({.method = "POST", .path = path})->status, 401) << path;
  }
  EXPECT_EQ(act("/v1/admin/sales/mask-1", "{}", {.method = "PUT", .authorization = "u-1"})->status, 403);
  EXPECT_THAT(appends_.sent, IsEmpty());
}

TEST_F(AdminDoorTest, RefusesActsThatAreWrongAndSaysWhere) {
  const auto problem = [&](const std::string& path, const std::string& body, const HttpRequest& headers = {}) {
    const auto refused = act(path, body, headers);
    EXPECT_TRUE(refused.has_value()) << path << " " << body;
    return refused ? std::to_string(refused->status) + " " + refused->body : "";
  };
  const std::string stock = "/v1/admin/skus/mask-1/stock";
  EXPECT_THAT(problem(stock, R"({"delta":1,"reason":""})", {.idempotency_key = " "}), HasSubstr("400"));
  EXPECT_THAT(problem(stock, R"({"delta":1,"reason":""})", {.content_type = "text/plain"}), HasSubstr("415"));
  EXPECT_THAT(problem(stock, R"({"delta":0,"reason":""})"), HasSubstr("delta must not be 0"));
  EXPECT_THAT(problem(stock, R"({"delta":1000000001,"reason":""})"), HasSubstr("delta must be from -1000000000 to"));
  EXPECT_THAT(problem(stock, R"({"delta":1,"reason":")" + std::string(201, 'x') + "\"}"),
              HasSubstr("reason must have at most"));
  EXPECT_THAT(problem("/v1/admin/skus/mask 1/stock", R"({"delta":1,"reason":""})"), HasSubstr("sku must be"));
  EXPECT_THAT(problem("/v1/admin/skus/mask 1/freeze", R"({"on":true})"), HasSubstr("sku must be"));
  EXPECT_THAT(problem("/v1/admin/orders/nonsense/refund", R"({"restock":true})"), HasSubstr("no-such-order"));
  EXPECT_THAT(problem("/v1/admin/refunds/" + std::string(65, 'p') + "/settled", "{}"), HasSubstr("payment_id must have"));
  EXPECT_THAT(problem("/v1/admin/sales/mask-1",
                      R"({"sale_id":"s","price_minor":1,"currency":"EUR","limit_per_user":0,"slots":[{"opens":)"
                      R"("2026-12-24T06:00:00Z","closes":"2026-12-24T06:30:00Z","quantity":1}]})",
                      {.method = "PUT"}),
              HasSubstr("limit_per_user must be from 1 to"));
  EXPECT_THAT(appends_.sent, IsEmpty());
}

TEST_F(AdminDoorTest, HoldsNothingBackWhenItStops) {
  there_is_an_order();
  cancel(id(0), "u-1", "wait=30");
  act("/v1/admin/skus/mask-1/freeze", R"({"on":true})");
  acknowledge(0);
  acknowledge(1);
  loop_->finish();
  EXPECT_EQ(answers_.given.at(1).status, 202);
  EXPECT_EQ(answers_.given.at(2).status, 202);
}

}  // namespace
}  // namespace sluice
