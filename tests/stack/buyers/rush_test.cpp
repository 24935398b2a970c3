#include "stack/buyers/rush.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <set>

#include "runtime/clock.h"
#include "stack/buyers/answer.h"
#include "tests/stack/buyers/fake_front.h"
#include "tests/stack/buyers/kept_journal.h"

namespace sluice {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::int64_t kTestLimitMs = 20'000;

FakeReply acknowledged(std::string_view key) {
  return {.status = 202, .body = fmt::format(R"({{"ticket":"T{}","status":"pending"}})", key)};
}
FakeReply held(std::string_view ticket) {
  return {.body = fmt::format(R"({{"ticket":"{}","status":"held","order":"{}"}})", ticket, ticket)};
}

class RushTest : public testing::Test {
 protected:
  RushTest() {
    settings_.opens_at = unix_millis();
    settings_.connections = 8;
    settings_.retry_after = milliseconds{5};
  }

  void click(int buyer, std::string key, ClickKind kind = ClickKind::kOnce) {
    clicks_.push_back({.buyer = buyer, .kind = kind, .sku = "mask", .key = std::move(key)});
    while (std::ssize(buyers_) <= buyer) buyers_.push_back({fmt::format("u{}", buyers_.size()), "token"});
  }

  // Lets the buyers come, and returns how it ended.
  std::string run(std::function<FakeReply(const FakeRequest&)> answer) {
    FakeFront front(std::move(answer));
    auto journal = Journal::open(journal_.path());
    auto pool = HttpPool::open(front.url(), settings_.connections);
    Tally tally(static_cast<int>(buyers_.size()));
    {
      Checkout checkout(checkout_, *pool.value(), *journal.value(), tally);
      Rush rush(clicks_, buyers_, settings_, *pool.value(), *journal.value(), checkout, tally);
      const UnixMillis deadline = unix_millis() + kTestLimitMs;
      while (!rush.is_over() && unix_millis() < deadline) rush.step(milliseconds{50});
      EXPECT_TRUE(rush.is_over());
    }
    seen_ = front.seen();
    connections_ = front.connections();
    return tally.json(0, false);
  }

  std::vector<std::string> events() const { return journal_.events(); }

  KeptJournal journal_;
  RushSettings settings_;
  CheckoutSettings checkout_;
  std::vector<Click> clicks_;
  std::vector<Buyer> buyers_;
  std::vector<FakeRequest> seen_;
  int connections_ = 0;
};

TEST_F(RushTest, AsksAndWaitsForTheVerdict) {
  click(0, "k");
  const std::string end = run([](const FakeRequest& request) {
    return request.method == "POST" ? acknowledged(request.key) : held(request.path.substr(11));
  });
  EXPECT_THAT(end, HasSubstr(R"("acknowledged":1,"unknown":0,"open":0,"verdicts":{"held":1})"));
  EXPECT_THAT(events(), ElementsAre("ask", "answer", "read", "told"));
  ASSERT_EQ(seen_.size(), 2U);
  EXPECT_EQ(seen_[0].body, R"({"sku":"mask","quantity":1})");
  EXPECT_EQ(seen_[0].bearer, "Bearer token");
  EXPECT_EQ(seen_[1].path, "/v1/orders/Tk");
  EXPECT_EQ(seen_[1].wait, "5");
}

TEST_F(RushTest, TakesAVerdictThatComesAtOnce) {
  click(0, "k");
  const std::string end =
      run([](const FakeRequest&) { return FakeReply{.body = R"({"ticket":"Tk","status":"refused","reason":"sold_out"})"}; });
  EXPECT_THAT(end, HasSubstr(R"("acknowledged":0,"unknown":0,"open":0,"verdicts":{"sold_out":1})"));
  EXPECT_THAT(events(), ElementsAre("ask", "answer"));
}

TEST_F(RushTest, SendsAgainWithTheSameKeyWhileTheEndIsUnknown) {
  click(0, "k");
  std::atomic<int> posts = 0;
  const std::string end = run([&posts](const FakeRequest& request) {
    if (request.method == "GET") return held("Tk");
    ++posts;
    if (posts == 1) return FakeReply{.status = 503};
    if (posts == 2) return FakeReply{.status = 0};
    return acknowledged(request.key);
  });
  EXPECT_THAT(end, HasSubstr(R"("unknown":2,"open":0,"verdicts":{"held":1})"));
  EXPECT_THAT(events(), ElementsAre("ask", "unknown", "ask", "unknown", "ask", "answer", "read", "told"));
  for (const FakeRequest& request : seen_) EXPECT_TRUE(request.method == "GET" || request.key == "k");
}

TEST_F(RushTest, WaitsAsLongAsTheServerSays) {
  click(0, "k");
  std::atomic<int> posts = 0;
  const UnixMillis began = unix_millis();
  run([&posts](const FakeRequest& request) {
    if (request.method == "GET") return held("Tk");
    return ++posts == 1 ? FakeReply{.status = 503, .retry_after = 1} : acknowledged(request.key);
  });
  EXPECT_GE(unix_millis() - began, 1000);
}

TEST_F(RushTest, ImpatientBuyersResendWithoutWaitingForTheAnswer) {
  click(0, "k", ClickKind::kImpatient);
  std::atomic<int> posts = 0;
  const std::string end = run([&posts](const FakeRequest& request) {
    if (request.method == "GET") return held("Tk");
    return ++posts == 1 ? FakeReply{.status = -1} : acknowledged(request.key);
  });
  EXPECT_THAT(end, HasSubstr(R"("unknown":1,"open":0,"verdicts":{"held":1})"));
  EXPECT_EQ(posts, 2);
}

TEST_F(RushTest, GivesUpInTheEnd) {
  click(0, "k");
  settings_.give_up_after = milliseconds{50};
  const std::string end = run([](const FakeRequest&) { return FakeReply{.status = 503}; });
  EXPECT_THAT(end, HasSubstr(R"("gave_up":1)"));
  EXPECT_EQ(events().back(), "gave_up");
}

TEST_F(RushTest, ARequestThatIsWrongIsNotSentAgain) {
  click(0, "k");
  const std::string end = run([](const FakeRequest&) { return FakeReply{.status = 422, .body = R"({"title":"no"})"}; });
  EXPECT_THAT(end, HasSubstr(R"("verdicts":{"http_422":1})"));
  EXPECT_EQ(seen_.size(), 1U);
}

TEST_F(RushTest, ReadsAgainUntilThereIsAVerdict) {
  click(0, "k");
  std::atomic<int> reads = 0;
  run([&reads](const FakeRequest& request) {
    if (request.method == "POST") return acknowledged(request.key);
    ++reads;
    if (reads == 1) return FakeReply{.status = 503};
    if (reads == 2) return FakeReply{.body = R"({"ticket":"Tk","status":"pending"})"};
    return held("Tk");
  });
  EXPECT_THAT(events(), ElementsAre("ask", "answer", "read", "unknown", "read", "told", "read", "told"));
}

TEST_F(RushTest, HoldsFewConnectionsForManyBuyers) {
  for (int buyer = 0; buyer < 500; ++buyer) click(buyer, fmt::format("k{}", buyer));
  const std::string end = run([](const FakeRequest& request) {
    return request.method == "POST" ? acknowledged(request.key) : held(request.path.substr(11));
  });
  EXPECT_THAT(end, HasSubstr(R"("verdicts":{"held":500})"));
  EXPECT_EQ(seen_.size(), 1000U);
  EXPECT_LE(connections_, 8);
  std::set<std::string> keys;
  for (const FakeRequest& request : seen_) keys.insert(request.key);
  EXPECT_EQ(keys.size(), 501U);  // reads have none
}

TEST_F(RushTest, ReadsThatAreHeldBackDoNotKeepOthersFromAsking) {
  for (int buyer = 0; buyer < 20; ++buyer) click(buyer, fmt::format("k{}", buyer));
  std::atomic<int> posts = 0;
  FakeFront front([&posts](const FakeRequest& request) {
    if (request.method == "GET") return FakeReply{.status = -1};
    ++posts;
    return acknowledged(request.key);
  });
  auto journal = Journal::open(journal_.path());
  auto pool = HttpPool::open(front.url(), settings_.connections);
  Tally tally(20);
  Checkout checkout(checkout_, *pool.value(), *journal.value(), tally);
  Rush rush(clicks_, buyers_, settings_, *pool.value(), *journal.value(), checkout, tally);
  const UnixMillis deadline = unix_millis() + kTestLimitMs;
  while (posts < 20 && unix_millis() < deadline) rush.step(milliseconds{50});
  EXPECT_EQ(posts, 20);
}

TEST_F(RushTest, WhoGotNothingComesAgainAndWhoHasAnOrderDoesNot) {
  for (int buyer : {0, 1}) click(buyer, fmt::format("k{}", buyer));
  for (int buyer : {0, 1}) {
    click(buyer, fmt::format("again{}", buyer));
    clicks_.back().if_empty_handed = true;
    clicks_.back().at_ms = 300;
  }
  const std::string end = run([](const FakeRequest& request) {
    if (request.key == "k0") return FakeReply{.body = R"({"ticket":"Tk","status":"refused","reason":"sold_out"})"};
    return held(request.key);
  });
  EXPECT_THAT(end, HasSubstr(R"("asked":3)"));
  EXPECT_THAT(end, HasSubstr(R"("verdicts":{"held":2,"sold_out":1})"));
  std::set<std::string> keys;
  for (const FakeRequest& request : seen_) keys.insert(request.key);
  EXPECT_EQ(keys, (std::set<std::string>{"k0", "k1", "again0"}));
}

TEST_F(RushTest, GoesOnWithAnOrderAndEndsWhenItIsSettled) {
  click(0, "k");
  clicks_.back().aftermath = Aftermath::kCancels;
  const std::string end = run([](const FakeRequest& request) {
    if (request.path.ends_with("/cancel")) return FakeReply{.body = R"({"status":"cancelled"})"};
    return request.method == "POST" ? acknowledged(request.key) : held("Tk");
  });
  EXPECT_THAT(end, HasSubstr(R"("began":{"cancels":1},"settled":{"cancelled":1})"));
  EXPECT_THAT(events(), ElementsAre("ask", "answer", "read", "told", "cancel", "cancel_answer"));
}

TEST(Journal, SaysWhenItCannotBeWritten) {
  auto journal = Journal::open("/dev/full");
  ASSERT_TRUE(journal.ok());
  journal.value()->gave_up(0, 1, "x");
  EXPECT_FALSE(journal.value()->state().ok());
  EXPECT_FALSE(Journal::open("/nowhere/journal").ok());
}

}  // namespace
}  // namespace sluice
