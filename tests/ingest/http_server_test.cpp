#include "ingest/http_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <thread>
#include <vector>

#include "ingest/doorbell.h"
#include "tests/ingest/raw_client.h"

namespace sluice {
namespace {

using ::testing::HasSubstr;
using namespace std::chrono_literals;

// What a request looked like, copied, since it dies with the call.
struct Seen {
  std::string method, path, wait, authorization, key, type, prefer, body;
  bool too_large;
};

class HttpServerTest : public ::testing::Test {
 protected:
  void SetUp() override { start({}); }

  void start(HttpSettings settings) {
    auto listening = HttpServer::listen(settings);
    ASSERT_TRUE(listening.ok()) << listening.error().message;
    server_ = std::move(*listening);
    server_->on_request([this](Exchange exchange, const HttpRequest& request) { return on_request(exchange, request); });
    bell_.watch(server_->descriptor());
    thread_ = std::thread([this] {
      while (!stop_) {
        server_->serve();
        if (stop_accepting_.exchange(false)) server_->stop_accepting();
        if (answer_later_.exchange(false)) answer_all();
        bell_.wait(server_->patience(1000ms));
      }
    });
  }
  void TearDown() override {
    stop_ = true;
    bell_.ring();
    thread_.join();
    server_.reset();
  }

  // Paths that begin with /later are answered when the test asks for it.
  std::optional<HttpAnswer> on_request(Exchange exchange, const HttpRequest& request) {
    const std::lock_guard lock(mutex_);
    const auto copy = [](std::string_view text) { return std::string(text); };
    seen_.push_back({copy(request.method), copy(request.path), copy(request.wait), copy(request.authorization),
                     copy(request.idempotency_key), copy(request.content_type), copy(request.prefer), copy(request.body),
                     request.body_too_large});
    if (request.path.starts_with("/later")) {
      later_.push_back(exchange);
      return std::nullopt;
    }
    return HttpAnswer{.status = request.body_too_large ? 413 : 200, .body = R"({"path":")" + copy(request.path) + "\"}"};
  }
  void answer_all() {
    std::vector<Exchange> later;
    {
      const std::lock_guard lock(mutex_);
      later.swap(later_);
    }
    for (const Exchange exchange : later) {
      server_->answer(exchange, {.status = 202, .body = R"({"later":true})", .location = "/v1/orders/X"});
    }
  }
  void answer_later() {
    answer_later_ = true;
    bell_.ring();
  }
  Seen last() {
    const std::lock_guard lock(mutex_);
    return seen_.back();
  }
  std::size_t count_later() {
    const std::lock_guard lock(mutex_);
    return later_.size();
  }
  int port() const { return server_->port(); }

  Doorbell bell_;
  std::unique_ptr<HttpServer> server_;
  std::atomic<bool> stop_ = false;
  std::atomic<bool> stop_accepting_ = false;
  std::atomic<bool> answer_later_ = false;
  std::mutex mutex_;
  std::vector<Seen> seen_;
  std::vector<Exchange> later_;
  std::thread thread_;
};

TEST_F(HttpServerTest, HandsOverMethodPathQueryHeadersAndBody) {
  RawClient client(port());
  client.send(http_post("/v1/orders?wait=7&x=1",
                        "AUTHORIZATION: Bearer t\r\nIdempotency-Key: k\r\nContent-Type: application/json\r\nPrefer: wait=3\r\n",
                        R"({"sku":"a"})"));
  const auto answer = client.read();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->headers.at("content-type"), "application/json");
  EXPECT_EQ(answer->headers.at("cache-control"), "no-store");
  const Seen seen = last();
  EXPECT_EQ(seen.method, "POST");
  EXPECT_EQ(seen.path, "/v1/orders");
  EXPECT_EQ(seen.wait, "7");
  EXPECT_EQ(seen.authorization, "Bearer t");
  EXPECT_EQ(seen.key, "k");
  EXPECT_EQ(seen.type, "application/json");
  EXPECT_EQ(seen.prefer, "wait=3");
  EXPECT_EQ(seen.body, R"({"sku":"a"})");
}

TEST_F(HttpServerTest, AnswersManyRequestsOfOneConnectionInTurn) {
  RawClient client(port());
  client.send(http_get("/1") + http_get("/2") + http_post("/3", "", "{}"));
  for (const char* path : {"/1", "/2", "/3"}) {
    const auto answer = client.read();
    ASSERT_TRUE(answer.has_value());
    EXPECT_THAT(answer->body, HasSubstr(path));
  }
}

TEST_F(HttpServerTest, JoinsSeveralLinesOfOneHeader) {
  RawClient client(port());
  client.send(http_get("/", "Prefer: respond-async\r\nPrefer: wait=3\r\nIdempotency-Key: a\r\nIdempotency-Key: b\r\n"));
  ASSERT_TRUE(client.read().has_value());
  EXPECT_EQ(last().prefer, "respond-async, wait=3");
  EXPECT_EQ(last().key, "a, b");
}

TEST_F(HttpServerTest, WaitsForABodyThatComesInPieces) {
  RawClient client(port());
  const std::string request = http_post("/v1/orders", "", R"({"sku":"a","quantity":1})");
  for (const char byte : request) client.send(std::string(1, byte));
  ASSERT_TRUE(client.read().has_value());
  EXPECT_EQ(last().body, R"({"sku":"a","quantity":1})");
}

TEST_F(HttpServerTest, ReadsChunkedBodies) {
  RawClient client(port());
  client.send("POST /v1/orders HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
  ASSERT_TRUE(client.read().has_value());
  EXPECT_EQ(last().body, "abcde");
}

TEST_F(HttpServerTest, HoldsAnAnswerBackUntilItIsThere) {
  RawClient first(port());
  RawClient second(port());
  first.send(http_get("/later/1"));
  second.send(http_get("/later/2"));
  RawClient other(port());
  while (count_later() < 2) {
    other.send(http_get("/at-once"));
    ASSERT_TRUE(other.read().has_value()) << "others are served meanwhile";
  }
  answer_later();
  for (RawClient* client : {&first, &second}) {
    const auto answer = client->read();
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->status, 202);
    EXPECT_EQ(answer->headers.at("location"), "/v1/orders/X");
    client->send(http_get("/again"));
    EXPECT_TRUE(client->read().has_value()) << "the connection goes on";
  }
}

TEST_F(HttpServerTest, RefusesALargeBodyBeforeItHasCome) {
  RawClient client(port());
  client.send("POST /v1/orders HTTP/1.1\r\nHost: t\r\nContent-Length: 1000000\r\n\r\n");
  const auto answer = client.read();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 413);
  EXPECT_TRUE(last().too_large);
}

TEST_F(HttpServerTest, SaysWhenAnUndeclaredBodyIsTooLarge) {
  RawClient client(port());
  client.send("POST /v1/orders HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n1389\r\n" + std::string(5001, 'x') +
              "\r\n0\r\n\r\n");
  const auto answer = client.read();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 413);
  EXPECT_EQ(last().body.size(), 4096U);
}

TEST_F(HttpServerTest, CutsOffABodyWithoutEnd) {
  RawClient client(port());
  client.send("POST /v1/orders HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 30; ++i) client.send("1000\r\n" + std::string(0x1000, 'x') + "\r\n");
  EXPECT_FALSE(client.read().has_value());
}

TEST_F(HttpServerTest, SurvivesWhatIsNotHttp) {
  for (const std::string& bytes : {std::string("\x16\x03\x01\x02\x00 hello"), std::string("GET\r\n\r\n"),
                                   std::string(100'000, 'A'), "GET / HTTP/1.1\r\n" + std::string(50'000, 'h') + ": 1\r\n\r\n",
                                   std::string("POST / HTTP/1.1\r\nContent-Length: -5\r\n\r\n")}) {
    RawClient client(port());
    client.send(bytes);
  }
  RawClient client(port());
  client.send(http_get("/fine"));
  EXPECT_EQ(client.read()->status, 200);
}

TEST_F(HttpServerTest, SurvivesClientsThatLeaveWhileTheyWait) {
  {
    RawClient client(port());
    client.send(http_get("/later"));
    while (count_later() < 1) std::this_thread::yield();
  }
  answer_later();
  RawClient client(port());
  client.send(http_get("/fine"));
  EXPECT_EQ(client.read()->status, 200);
}

TEST_F(HttpServerTest, ClosesConnectionsAfterTheirNextAnswerWhenItStops) {
  RawClient waiting(port());
  waiting.send(http_get("/later"));
  while (count_later() < 1) std::this_thread::yield();
  stop_accepting_ = true;
  bell_.ring();
  while (stop_accepting_) std::this_thread::yield();
  answer_later();
  const auto answer = waiting.read();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 202);
  EXPECT_TRUE(waiting.is_closed());
}

TEST_F(HttpServerTest, EndsWithRequestsStillOpen) {
  RawClient client(port());
  client.send(http_get("/later"));
  while (count_later() < 1) std::this_thread::yield();
}

TEST(HttpServerPort, IsRefusedWhenItIsTaken) {
  const auto first = HttpServer::listen({});
  ASSERT_TRUE(first.ok());
  const auto second = HttpServer::listen({.port = (*first)->port()});
  ASSERT_FALSE(second.ok());
  EXPECT_THAT(second.error().message, HasSubstr("cannot listen on 127.0.0.1:" + std::to_string((*first)->port())));
}

TEST(HttpServerConnections, AreRefusedWhereTheSystemDoesNotAllowSoMany) {
  const auto server = HttpServer::listen({.connections_max = 2'000'000'000});
  ASSERT_FALSE(server.ok());
  EXPECT_THAT(server.error().message, HasSubstr("raise ulimit -n"));
}

TEST(HttpServerAddress, IsRefusedWhenItIsNone) {
  EXPECT_THAT(HttpServer::listen({.address = "localhost"}).error().message, HasSubstr("no IPv4 address"));
}

}  // namespace
}  // namespace sluice
