// Everything that is wrong with a request, sent as bytes to the real HTTP server with the real loop behind it: each is refused
// with a problem that names what, where and what to do; nothing of it reaches the log; and the server goes on.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "ingest/doorbell.h"
#include "ingest/http_server.h"
#include "ingest/ingest_loop.h"
#include "ingest/token.h"
#include "tests/ingest/bearer.h"
#include "tests/ingest/memory_ports.h"
#include "tests/ingest/raw_client.h"
#include "tests/ingest/sluice_signature.h"

namespace sluice {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr long kNowSeconds = 1'800'000'000;
constexpr UnixMillis kNow = kNowSeconds * 1000;
constexpr long kLater = kNowSeconds + 3600;
constexpr const char* kSecret = "0123456789abcdef0123456789abcdef";
constexpr const char* kJson = "Content-Type: application/json\r\n";
constexpr const char* kKey = "Idempotency-Key: k-1\r\n";

class BadInputTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto listening = HttpServer::listen({});
    ASSERT_TRUE(listening.ok()) << listening.error().message;
    server_ = std::move(*listening);
    const auto authenticate = [this](std::string_view header, Role role, UnixMillis now) {
      return tokens_.user(header, role, now);
    };
    loop_.emplace(IngestRules{.generation = Generation{1}}, ids_,
                  IngestLoop::World{appends_, tail_, stored_, stored_stock_, *server_, authenticate, webhook_}, counts_);
    server_->on_request(
        [this](Exchange exchange, const HttpRequest& request) { return loop_->on_request(exchange, request, kNow); });
    bell_.watch(server_->descriptor());
    thread_ = std::thread([this] {
      while (!stop_) {
        server_->serve();
        EXPECT_TRUE(loop_->poll_once(kNow).ok());
        bell_.wait(server_->patience(std::chrono::milliseconds{1000}));
      }
    });
  }
  void TearDown() override {
    EXPECT_EQ(send(http_get("/v1/orders/nonsense", buyer())).status, 404) << "the server does not answer any more";
    stop_ = true;
    bell_.ring();
    thread_.join();
    EXPECT_THAT(appends_.sent, IsEmpty()) << "something of it reached the log";
  }

  static std::string token(const Claims& claims) { return "Authorization: " + bearer(claims) + "\r\n"; }
  static std::string buyer() { return token({.exp = kLater}); }
  static std::string admin() { return token({.sub = "boss", .exp = kLater, .scope = "sluice:admin"}); }
  static std::string put(const std::string& path, const std::string& headers, const std::string& body) {
    return fmt::format("PUT {} HTTP/1.1\r\nHost: test\r\n{}Content-Length: {}\r\n\r\n{}", path, headers, body.size(), body);
  }

  RawAnswer send(const std::string& request) const {
    RawClient client(server_->port());
    client.send(request);
    const auto answer = client.read();
    EXPECT_TRUE(answer.has_value()) << "no answer to " << request.substr(0, 200);
    return answer.value_or(RawAnswer{});
  }
  // Status and body of what must be a problem.
  std::string problem(const std::string& request) const {
    const RawAnswer answer = send(request);
    const auto type = answer.headers.find("content-type");
    EXPECT_TRUE(type != answer.headers.end() && type->second == "application/problem+json") << answer.body;
    return fmt::format("{} {}", answer.status, answer.body);
  }
  std::string purchase(const std::string& body, const std::string& headers = std::string(kJson) + kKey) const {
    return problem(http_post("/v1/orders", buyer() + headers, body));
  }
  std::string stock(const std::string& body) const {
    return problem(http_post("/v1/admin/skus/mask-1/stock", admin() + kJson + kKey, body));
  }
  std::string sale(const std::string& body) const { return problem(put("/v1/admin/sales/mask-1", admin() + kJson, body)); }
  // Signed as it is.
  std::string payment(const std::string& body) const {
    const std::string header = "Sluice-Signature: " + sluice_signature(kSecret, kNowSeconds, body) + "\r\n";
    return problem(http_post("/v1/payments/webhook", header, body));
  }

  TokenCheck tokens_{Claims{}.secret, {}};
  WebhookCheck webhook_{{kSecret}, 300'000};
  PublicIds ids_{{"0123456789abcdef"}};
  MemoryAppends appends_;
  MemoryTail tail_;
  MemoryStored stored_;
  MemoryStoredStock stored_stock_;
  Metrics metrics_;
  IngestMetrics counts_{metrics_, 8};
  Doorbell bell_;
  std::unique_ptr<HttpServer> server_;
  std::optional<IngestLoop> loop_;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

TEST_F(BadInputTest, IsRefusedWhereItIsNoJson) {
  for (const char* body : {"", "{", "nonsense", "\x01", "[]", "null", "\"text\""}) {
    for (const std::string& answer : {purchase(body), stock(body), sale(body), payment(body)}) {
      EXPECT_THAT(answer, AllOf(HasSubstr("400 "), HasSubstr("/problems/malformed-body"))) << body;
    }
  }
}

TEST_F(BadInputTest, IsRefusedWhereItIsNotUtf8) {
  const std::string body = "{\"sku\":\"a\xFF\",\"quantity\":1}";
  for (const std::string& answer : {purchase(body), stock(body), sale(body), payment(body)}) {
    EXPECT_THAT(answer, AllOf(HasSubstr("400 "), HasSubstr("The body is not UTF-8")));
  }
}

TEST_F(BadInputTest, IsRefusedBeyondFourKibibytes) {
  const std::string body = R"({"sku":"a","quantity":1})" + std::string(4096, ' ');
  for (const std::string& answer : {purchase(body), stock(body), sale(body), payment(body)}) {
    EXPECT_THAT(answer, AllOf(HasSubstr("413 "), HasSubstr("4096 bytes")));
  }
  const std::string chunked = "Transfer-Encoding: chunked\r\n";
  EXPECT_THAT(problem("POST /v1/payments/webhook HTTP/1.1\r\nHost: test\r\n" + chunked + "\r\n1400\r\n" +
                      std::string(0x1400, 'x') + "\r\n0\r\n\r\n"),
              HasSubstr("413 "));
}

TEST_F(BadInputTest, IsRefusedWhereItIsNestedDeeply) {
  for (const std::string& part : {std::string(1900, '['), std::string(1900, '{')}) {
    EXPECT_THAT(purchase(part), HasSubstr("400 "));
    EXPECT_THAT(payment(part), HasSubstr("400 "));
  }
  const std::string nested = std::string(1900, '[') + std::string(1900, ']');
  EXPECT_THAT(sale(R"({"slots":)" + nested + "}"), AllOf(HasSubstr("422 "), HasSubstr("slots[0] must be an object")));
  EXPECT_THAT(payment(R"({"later":)" + nested + "}"), AllOf(HasSubstr("400 "), HasSubstr("nested deeper than 8")));
}

TEST_F(BadInputTest, IsRefusedWhereAFieldStandsTwiceOrIsNotKnown) {
  EXPECT_THAT(purchase(R"({"sku":"a","sku":"a","quantity":1})"), AllOf(HasSubstr("400 "), HasSubstr("sku stands there twice")));
  EXPECT_THAT(stock(R"({"delta":1,"delta":1,"reason":""})"), HasSubstr("delta stands there twice"));
  EXPECT_THAT(payment(R"({"amount_minor":1,"amount_minor":2})"), HasSubstr("amount_minor stands there twice"));
  EXPECT_THAT(purchase(R"({"sku":"a","quantity":1,"price":0})"),
              AllOf(HasSubstr("422 "), HasSubstr("price is not known; there are sku, quantity")));
  EXPECT_THAT(sale(R"({"slots":[{"size":1}]})"), HasSubstr("slots[0].size is not known"));
}

TEST_F(BadInputTest, IsRefusedWhereAQuantityIsNone) {
  for (const char* quantity : {"0", "-1", "1.5", "1.0", "1e3", "9223372036854775808", "1001", "\"1\"", "null", "true"}) {
    EXPECT_THAT(purchase(fmt::format(R"({{"sku":"mask-1","quantity":{}}})", quantity)),
                AllOf(HasSubstr("422 "), HasSubstr("quantity must be")))
        << quantity;
  }
  EXPECT_THAT(stock(R"({"delta":0,"reason":""})"), HasSubstr("delta must not be 0"));
  EXPECT_THAT(stock(R"({"delta":-0.5,"reason":""})"), HasSubstr("delta must be a whole number written in digits, it is -0.5"));
  EXPECT_THAT(stock(R"({"delta":9223372036854775808,"reason":""})"), HasSubstr("delta must be a whole number"));
  EXPECT_THAT(payment(R"({"payment_id":"p","order":"","amount_minor":9223372036854775808,"currency":"EUR"})"),
              HasSubstr("amount_minor must be a whole number"));
}

TEST_F(BadInputTest, IsRefusedWithoutAGoodKeyOrType) {
  const std::string body = R"({"sku":"mask-1","quantity":1})";
  EXPECT_THAT(purchase(body, kJson), AllOf(HasSubstr("400 "), HasSubstr("Send the header Idempotency-Key")));
  EXPECT_THAT(purchase(body, std::string(kJson) + "Idempotency-Key: a b\r\n"), HasSubstr("bad-idempotency-key"));
  EXPECT_THAT(purchase(body, std::string(kJson) + "Idempotency-Key: " + std::string(65, 'k') + "\r\n"),
              HasSubstr("bad-idempotency-key"));
  EXPECT_THAT(purchase(body, kKey), AllOf(HasSubstr("415 "), HasSubstr("application/json")));
  EXPECT_THAT(problem(http_post("/v1/admin/skus/mask-1/freeze", admin() + kJson, R"({"on":true})")),
              HasSubstr("bad-idempotency-key"));
  EXPECT_THAT(problem(http_post("/v1/admin/orders/X/refund", admin() + kJson, R"({"restock":true})")),
              HasSubstr("bad-idempotency-key"));
}

TEST_F(BadInputTest, IsRefusedWithoutAGoodToken) {
  const std::string path = "/v1/orders/X/cancel";
  EXPECT_THAT(problem(http_post(path, "", "")), AllOf(HasSubstr("401 "), HasSubstr("Authorization: Bearer")));
  EXPECT_THAT(problem(http_post(path, "Authorization: Bearer nonsense\r\n", "")), HasSubstr("401 "));
  EXPECT_THAT(problem(http_post(path, token({.exp = kNowSeconds - 1}), "")), HasSubstr("The token has expired"));
  EXPECT_THAT(problem(http_post(path, token({.exp = kLater, .secret = std::string(32, 'x')}), "")), HasSubstr("401 "));
  EXPECT_THAT(problem(http_post(path, token({.exp = kLater, .algorithm = JWT_ALG_NONE}), "")), HasSubstr("401 "));
  EXPECT_THAT(problem(put("/v1/admin/sales/mask-1", buyer() + kJson, "{}")),
              AllOf(HasSubstr("403 "), HasSubstr("sluice:admin")));
  EXPECT_THAT(problem(put("/v1/admin/sales/mask-1", kJson, "{}")), HasSubstr("401 "));
}

TEST_F(BadInputTest, IsRefusedWithoutAGoodSignature) {
  const std::string body = R"({"payment_id":"p-1","order":"","amount_minor":500,"currency":"EUR"})";
  const auto with = [&](const std::string& signature) {
    return problem(http_post("/v1/payments/webhook", "Sluice-Signature: " + signature + "\r\n", body));
  };
  EXPECT_THAT(problem(http_post("/v1/payments/webhook", "", body)), AllOf(HasSubstr("401 "), HasSubstr("is missing")));
  EXPECT_THAT(problem(http_post("/v1/payments/webhook", buyer(), body)), HasSubstr("401 ")) << "a token is no signature";
  EXPECT_THAT(with("t=1,v1=2"), HasSubstr("must be t=<Unix seconds>"));
  EXPECT_THAT(with(sluice_signature(std::string(32, 'x'), kNowSeconds, body)), HasSubstr("No v1 is the HMAC-SHA256"));
  EXPECT_THAT(with(sluice_signature(kSecret, kNowSeconds - 301, body)), HasSubstr("301 s before this server's clock"));
  EXPECT_THAT(with(sluice_signature(kSecret, kNowSeconds + 301, body)), HasSubstr("301 s after this server's clock"));
  EXPECT_EQ(send(http_post("/v1/payments/webhook", "", body)).headers.at("www-authenticate"), "Sluice-Signature");
}

TEST_F(BadInputTest, IsRefusedWhereAnotherUsersOrderIsNamed) {
  const std::string id = ids_.write(Ticket::of(Partition{1}, Position::at(Generation{1}, 5)), "somebody else");
  EXPECT_THAT(problem(http_post("/v1/orders/" + id + "/cancel", buyer(), "")),
              AllOf(HasSubstr("404 "), HasSubstr("no-such-order")));
  EXPECT_THAT(problem(http_get("/v1/orders/" + id, buyer())), HasSubstr("404 "));
}

TEST_F(BadInputTest, IsRefusedOnPathsAndByMethodsThatThereAreNot) {
  EXPECT_THAT(problem(http_post("/v1/orders/X/pay", buyer(), "")), AllOf(HasSubstr("404 "), HasSubstr("/openapi.json")));
  const RawAnswer answer = send(http_get("/v1/payments/webhook"));
  EXPECT_EQ(answer.status, 405);
  EXPECT_EQ(answer.headers.at("allow"), "POST");
  EXPECT_THAT(problem(http_post("/v1/admin/skus/%2e%2e/stock", admin() + kJson + kKey, R"({"delta":1,"reason":1})")),
              HasSubstr("reason must be a string"));
  EXPECT_THAT(problem(http_post("/v1/admin/skus/a%20b/stock", admin() + kJson + kKey, R"({"delta":1,"reason":""})")),
              HasSubstr("sku must be"));
}

}  // namespace
}  // namespace sluice
