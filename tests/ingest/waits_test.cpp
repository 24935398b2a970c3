#include "ingest/waits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr Generation kGeneration{1};

Ticket ticket(int partition, Offset offset) { return Ticket::of(Partition{partition}, Position::at(kGeneration, offset)); }

class WaitsTest : public ::testing::Test {
 protected:
  std::vector<Exchange> decided(int partition, Offset next) {
    std::vector<Exchange> taken;
    waits_.take_decided(Partition{partition}, next, taken);
    return taken;
  }
  std::vector<Exchange> expired(UnixMillis now) {
    std::vector<Exchange> taken;
    waits_.take_expired(now, taken);
    return taken;
  }
  Waits waits_;
};

TEST_F(WaitsTest, EndWithTheVerdictInTheOrderOfTheLog) {
  waits_.add(1, ticket(0, 20), 1'000);
  waits_.add(2, ticket(0, 10), 1'000);
  waits_.add(3, ticket(0, 30), 1'000);
  EXPECT_THAT(decided(0, 10), IsEmpty());
  EXPECT_THAT(decided(0, 21), ElementsAre(2U, 1U));
  EXPECT_EQ(waits_.size(), 1U);
  EXPECT_THAT(expired(5'000), ElementsAre(3U));
}

TEST_F(WaitsTest, DoNotMixPartitions) {
  waits_.add(1, ticket(0, 10), 1'000);
  waits_.add(2, ticket(1, 10), 1'000);
  waits_.add(3, ticket(2, 10), 1'000);
  EXPECT_THAT(decided(1, 100), ElementsAre(2U));
  EXPECT_THAT(decided(2, 100), ElementsAre(3U));
  EXPECT_THAT(decided(0, 100), ElementsAre(1U));
}

TEST_F(WaitsTest, EndWhenTheirTimeIsUp) {
  waits_.add(1, ticket(0, 10), 1'000);
  waits_.add(2, ticket(0, 11), 500);
  EXPECT_THAT(expired(499), IsEmpty());
  EXPECT_THAT(expired(500), ElementsAre(2U));
  EXPECT_THAT(decided(0, 100), ElementsAre(1U));
  EXPECT_THAT(expired(9'999), IsEmpty());
}

TEST_F(WaitsTest, LetManyWaitForOneTicket) {
  for (Exchange exchange = 1; exchange <= 3; ++exchange) waits_.add(exchange, ticket(0, 10), 1'000);
  EXPECT_THAT(decided(0, 11), UnorderedElementsAre(1U, 2U, 3U));
  EXPECT_EQ(waits_.size(), 0U);
}

}  // namespace
}  // namespace sluice
