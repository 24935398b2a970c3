#include "stack/buyers/checkout.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <ctime>

#include "runtime/clock.h"
#include "tests/stack/buyers/fake_front.h"
#include "tests/stack/buyers/kept_journal.h"

namespace sluice {
namespace {

using std::chrono::milliseconds;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::int64_t kTestLimitMs = 20'000;

// What a buyer is told about an order whose hold ends so long after now.
Answer held(std::int64_t hold_ms) {
  const UnixMillis pay_by = unix_millis() + hold_ms;
  Answer answer;
  answer.status = "held";
  answer.order = "O1";
  answer.amount_minor = 1900;
  answer.currency = "EUR";
  answer.pay_by = fmt::format("{:%FT%T}.{:03}Z", fmt::gmtime(static_cast<std::time_t>(pay_by / 1000)), pay_by % 1000);
  return answer;
}
FakeReply status(std::string_view word) { return {.body = fmt::format(R"({{"order":"O1","status":"{}"}})", word)}; }

class CheckoutTest : public testing::Test {
 protected:
  CheckoutTest() {
    settings_ = {.connections = 4,
                 .retry_after = milliseconds{5},
                 .look_again_after = milliseconds{10},
                 .look_after_hold = milliseconds{20},
                 .late_by = milliseconds{100},
                 .long_hold = milliseconds{5000},
                 .settled_within = milliseconds{10'000}};
  }

  // The buyer of one order goes on as the plan wants; returns how it ended.
  std::string run(Aftermath aftermath, const Answer& told, std::function<FakeReply(const FakeRequest&)> answer) {
    FakeFront front(std::move(answer));
    auto journal = Journal::open(journal_.path());
    auto pool = HttpPool::open(front.url(), settings_.connections);
    Tally tally(1);
    Checkout checkout(settings_, *pool.value(), *journal.value(), tally);
    const Click click{.sku = "mask", .aftermath = aftermath};
    const Buyer buyer{.user = "u", .token = "token"};
    checkout.begin(7, click, buyer, told, unix_millis());
    checkout.begin(8, click, buyer, told, unix_millis());  // the answer to a second click
    const UnixMillis deadline = unix_millis() + kTestLimitMs;
    while (!checkout.is_over() && unix_millis() < deadline) {
      const UnixMillis now = unix_millis();
      const UnixMillis next = std::min(checkout.send_due(now), now + 50);
      for (const HttpReply& reply : pool.value()->wait(milliseconds{next - now})) checkout.on_reply(reply, unix_millis());
    }
    EXPECT_TRUE(checkout.is_over());
    seen_ = front.seen();
    return tally.json(0, false);
  }

  std::vector<std::string> events() const {
    EXPECT_THAT(journal_.lines(), Each(HasSubstr(R"("request":7)")));
    return journal_.events();
  }

  KeptJournal journal_;
  CheckoutSettings settings_;
  std::vector<FakeRequest> seen_;
};

FakeReply taken(const FakeRequest&) { return {.status = 202, .body = R"({"payment_id":"p1"})"}; }

TEST_F(CheckoutTest, PaysAndLooksUntilTheOrderIsPaid) {
  std::atomic<int> looks = 0;
  const std::string end = run(Aftermath::kPays, held(1000), [&looks](const FakeRequest& request) {
    if (request.method == "POST") return taken(request);
    return status(++looks == 1 ? "held" : "paid");
  });
  EXPECT_THAT(end, HasSubstr(R"("began":{"pays":1},"settled":{"paid":1},"gave_up":0)"));
  EXPECT_THAT(events(), ElementsAre("pay", "pay_answer", "read", "told", "read", "told"));
  EXPECT_EQ(seen_[0].path, "/shop/payments");
  EXPECT_EQ(seen_[0].body, R"({"order":"O1","amount_minor":1900,"currency":"EUR","times":1,"delay_seconds":0.000})");
  EXPECT_EQ(seen_[1].path, "/v1/orders/O1");
}

TEST_F(CheckoutTest, PaysTwiceByOnePaymentOrByTwo) {
  const auto answer = [](const FakeRequest& request) { return request.method == "POST" ? taken(request) : status("paid"); };
  run(Aftermath::kPaysTwice, held(1000), answer);
  EXPECT_THAT(seen_[0].body, HasSubstr(R"("times":2)"));
  EXPECT_EQ(seen_[1].method, "GET");
  run(Aftermath::kPaysAgain, held(1000), answer);
  EXPECT_THAT(seen_[0].body, HasSubstr(R"("times":1)"));
  EXPECT_EQ(seen_[0].body, seen_[1].body);
}

TEST_F(CheckoutTest, PaysLateAndDoesNotTakeTheReleaseForTheEnd) {
  const UnixMillis began = unix_millis();
  const std::string end = run(Aftermath::kPaysLate, held(200), [began](const FakeRequest& request) {
    if (request.method == "POST") return taken(request);
    return status(unix_millis() < began + 300 ? "released" : "paid");
  });
  EXPECT_THAT(end, HasSubstr(R"("settled":{"paid":1})"));
  EXPECT_THAT(seen_[0].body, testing::ContainsRegex(R"("delay_seconds":0\.[23])"));
}

TEST_F(CheckoutTest, PaysAnotherAmountAndSeesTheOrderReleased) {
  const UnixMillis began = unix_millis();
  const std::string end = run(Aftermath::kPaysWrongly, held(200), [](const FakeRequest& request) {
    return request.method == "POST" ? taken(request) : status("released");
  });
  EXPECT_THAT(seen_[0].body, HasSubstr(R"("amount_minor":1901)"));
  EXPECT_THAT(end, HasSubstr(R"("settled":{"released":1})"));
  EXPECT_GE(unix_millis() - began, 200);
}

TEST_F(CheckoutTest, CancelsAndWaitsForTheVerdict) {
  const std::string end = run(Aftermath::kCancels, held(1000), [](const FakeRequest&) { return status("cancelled"); });
  EXPECT_THAT(end, HasSubstr(R"("began":{"cancels":1},"settled":{"cancelled":1})"));
  EXPECT_THAT(events(), ElementsAre("cancel", "cancel_answer"));
  EXPECT_EQ(seen_[0].method, "POST");
  EXPECT_EQ(seen_[0].path, "/v1/orders/O1/cancel");
  EXPECT_EQ(seen_[0].prefer, "wait=5");
  EXPECT_EQ(seen_[0].key, "");
}

TEST_F(CheckoutTest, LooksAgainWhenTheCancellationIsPending) {
  const std::string end = run(Aftermath::kCancels, held(1000), [](const FakeRequest& request) {
    FakeReply pending = status("held");
    pending.status = 202;
    return request.method == "POST" ? pending : status("cancelled");
  });
  EXPECT_THAT(end, HasSubstr(R"("settled":{"cancelled":1})"));
  EXPECT_THAT(events(), ElementsAre("cancel", "cancel_answer", "read", "told"));
}

TEST_F(CheckoutTest, SendsAgainWhileTheEndIsUnknown) {
  std::atomic<int> posts = 0;
  const std::string end = run(Aftermath::kCancels, held(1000), [&posts](const FakeRequest&) {
    ++posts;
    if (posts == 1) return FakeReply{.status = 503};
    return posts == 2 ? FakeReply{.status = 0} : status("cancelled");
  });
  EXPECT_THAT(end, HasSubstr(R"("unknown":2)"));
  EXPECT_THAT(events(), ElementsAre("cancel", "unknown", "cancel", "unknown", "cancel", "cancel_answer"));
}

TEST_F(CheckoutTest, WhoWalksAwayLooksWhenTheHoldHasEnded) {
  const UnixMillis began = unix_millis();
  std::atomic<int> looks = 0;
  const std::string end = run(Aftermath::kWalksAway, held(150),
                              [&looks](const FakeRequest&) { return status(++looks == 1 ? "held" : "released"); });
  EXPECT_THAT(end, HasSubstr(R"("settled":{"released":1})"));
  EXPECT_GE(unix_millis() - began, 150);
}

TEST_F(CheckoutTest, WhoWalksAwayFromALongHoldIsNotSeenAgain) {
  const std::string end = run(Aftermath::kWalksAway, held(60'000), [](const FakeRequest&) { return status("held"); });
  EXPECT_THAT(end, HasSubstr(R"("settled":{"held":1})"));
  EXPECT_TRUE(seen_.empty());
}

TEST_F(CheckoutTest, GivesUpAnOrderThatIsNeverReleased) {
  settings_.settled_within = milliseconds{100};
  const std::string end = run(Aftermath::kWalksAway, held(50), [](const FakeRequest&) { return status("held"); });
  EXPECT_THAT(end, HasSubstr(R"("open":0)"));
  EXPECT_THAT(end, HasSubstr(R"("gave_up":1)"));
  EXPECT_EQ(events().back(), "gave_up");
}

TEST_F(CheckoutTest, LeavesAloneWhatIsNoHeldOrder) {
  Answer refused;
  refused.status = "refused";
  const std::string end = run(Aftermath::kPays, refused, [](const FakeRequest&) { return status("held"); });
  EXPECT_THAT(end, HasSubstr(R"("began":{})"));
  EXPECT_TRUE(seen_.empty());
}

}  // namespace
}  // namespace sluice
