#include "ingest/recent_requests.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

constexpr Ticket kTicket{77};

Fingerprint key(std::uint64_t number) { return {number, number}; }

TEST(RecentRequests, KnowsARequestInFlight) {
  RecentRequests recent(10, 1'000);
  recent.began(key(1), 2, 100, 0);
  ASSERT_NE(recent.find(key(1), 0), nullptr);
  EXPECT_EQ(recent.find(key(1), 0)->append, 100U);
  EXPECT_EQ(recent.find(key(1), 0)->quantity, 2U);
  EXPECT_FALSE(recent.find(key(1), 0)->ticket.has_value());
  EXPECT_EQ(recent.find(key(2), 0), nullptr);
}

TEST(RecentRequests, GivesTheTicketOnceItIsAcknowledged) {
  RecentRequests recent(10, 1'000);
  recent.began(key(1), 1, 100, 0);
  recent.acknowledged(key(1), 100, kTicket, 10);
  EXPECT_EQ(recent.find(key(1), 20)->ticket, kTicket);
}

TEST(RecentRequests, ForgetsWhatIsOldButNeverWhatIsInFlight) {
  RecentRequests recent(10, 1'000);
  recent.began(key(1), 1, 100, 0);
  recent.began(key(2), 1, 101, 0);
  recent.acknowledged(key(1), 100, kTicket, 10);
  EXPECT_NE(recent.find(key(1), 1'009), nullptr);
  EXPECT_EQ(recent.find(key(1), 1'010), nullptr);
  EXPECT_NE(recent.find(key(2), 1'000'000), nullptr);
}

TEST(RecentRequests, KeepsNoMoreThanItsBoundAndDropsTheOldest) {
  RecentRequests recent(3, 1'000);
  for (std::uint64_t i = 0; i < 5; ++i) recent.began(key(i), 1, i, 0);
  EXPECT_EQ(recent.size(), 3U);
  EXPECT_EQ(recent.find(key(1), 0), nullptr);
  EXPECT_NE(recent.find(key(2), 0), nullptr);
}

TEST(RecentRequests, AppendsAgainAfterAnUnknownResult) {
  RecentRequests recent(10, 1'000);
  recent.began(key(1), 1, 100, 0);
  recent.forget(key(1), 100);
  EXPECT_EQ(recent.find(key(1), 0), nullptr);
}

TEST(RecentRequests, LetsAReportOfAnEarlierAppendChangeNothing) {
  RecentRequests recent(10, 1'000);
  recent.began(key(1), 1, 100, 0);
  recent.forget(key(1), 100);
  recent.began(key(1), 1, 200, 0);
  recent.acknowledged(key(1), 100, kTicket, 10);
  EXPECT_FALSE(recent.find(key(1), 10)->ticket.has_value());
  recent.forget(key(1), 100);
  EXPECT_NE(recent.find(key(1), 10), nullptr);
}

TEST(RecentRequests, IsNotFooledByItsOwnOldTraces) {
  RecentRequests recent(3, 1'000);
  for (std::uint64_t append = 0; append < 10; ++append) {
    recent.forget(key(1), append - 1);
    recent.began(key(1), 1, append, 0);
    ASSERT_NE(recent.find(key(1), 0), nullptr) << append;
  }
}

TEST(RecentRequests, KeepsTheFirstOfTwoContents) {
  RecentRequests recent(10, 1'000);
  recent.began(key(1), 1, 100, 0);
  recent.began(key(1), 5, 200, 0);
  EXPECT_EQ(recent.find(key(1), 0)->append, 100U);
}

}  // namespace
}  // namespace sluice
