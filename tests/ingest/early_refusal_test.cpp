#include "ingest/early_refusal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Course = EarlyRefusal::Course;

constexpr const char* kSku = "mask-1";

Fingerprint key(std::uint64_t number) { return {number, number}; }

v1::OrderRecord sale(std::uint32_t version) {
  v1::OrderRecord record;
  record.mutable_change()->set_sku(kSku);
  record.mutable_change()->mutable_sale_defined()->mutable_sale()->set_version(version);
  return record;
}

v1::OrderRecord accepted(const Fingerprint& fingerprint) {
  v1::OrderRecord record;
  record.mutable_change()->set_sku(kSku);
  v1::Order& order = *record.mutable_change()->add_orders();
  order.set_key_high(fingerprint.high);
  order.set_key_low(fingerprint.low);
  return record;
}

class EarlyRefusalTest : public ::testing::Test {
 protected:
  // Request n has append n, key n and, unless said, quantity 1.
  Course arrived(AppendId n, std::uint32_t quantity = 1) { return early_.arrived(kSku, {n, key(n), quantity}); }
  EarlyRefusal::Round sold_out(AppendId probe) { return early_.ruled(kSku, probe, v1::REFUSED, v1::SOLD_OUT); }

  // The sale is known from its beginning, and probe 1 was refused as sold out.
  void shut() {
    early_.take(sale(1));
    ASSERT_EQ(arrived(1), Course::kProbe);
    sold_out(1);
  }

  EarlyRefusal early_{{.skus = 2, .keys_per_sku = 3, .held_per_sku = 4}};
};

TEST_F(EarlyRefusalTest, AppendsEverythingOfASkuThatItDoesNotKnow) {
  EXPECT_EQ(arrived(1), Course::kAppend);
  EXPECT_EQ(arrived(2), Course::kAppend);
}

TEST_F(EarlyRefusalTest, AppendsEverythingOfASaleThatItDidNotSeeBegin) {
  early_.take(sale(2));
  EXPECT_EQ(arrived(1), Course::kAppend);
}

TEST_F(EarlyRefusalTest, AppendsEverythingWhileTheSaleSells) {
  early_.take(sale(1));
  EXPECT_EQ(arrived(1), Course::kProbe);
  EXPECT_EQ(arrived(2), Course::kAppend);
  EXPECT_THAT(early_.ruled(kSku, 1, v1::ACCEPTED, v1::REASON_UNSPECIFIED).append, IsEmpty());
  EXPECT_EQ(arrived(3), Course::kProbe);
  EXPECT_EQ(arrived(4), Course::kAppend);
}

TEST_F(EarlyRefusalTest, RefusesOnlyByAProbeThatWasSentAfterTheRequestCame) {
  shut();
  EXPECT_EQ(arrived(2), Course::kProbe);
  EXPECT_EQ(arrived(3), Course::kHold);
  EXPECT_EQ(arrived(4), Course::kHold);
  const auto first = sold_out(2);
  EXPECT_THAT(first.refuse, IsEmpty()) << "the probe may have been in the log before they came";
  EXPECT_EQ(first.probe, 3U);
  EXPECT_EQ(arrived(5), Course::kHold);
  const auto second = sold_out(3);
  EXPECT_THAT(second.refuse, ElementsAre(4U));
  EXPECT_EQ(second.reason, v1::SOLD_OUT);
  EXPECT_EQ(second.probe, 5U);
  EXPECT_THAT(sold_out(5).refuse, IsEmpty());
}

TEST_F(EarlyRefusalTest, LetsEverythingThroughWhenTheProbeIsAccepted) {
  shut();
  for (AppendId n = 2; n <= 4; ++n) arrived(n);
  EXPECT_EQ(sold_out(2).probe, 3U);
  arrived(5);
  const auto round = early_.ruled(kSku, 3, v1::ACCEPTED, v1::REASON_UNSPECIFIED);
  EXPECT_THAT(round.refuse, IsEmpty());
  EXPECT_THAT(round.append, ElementsAre(4U, 5U));
  EXPECT_FALSE(round.probe.has_value());
}

TEST_F(EarlyRefusalTest, LetsEverythingThroughWhenTheProbeIsLost) {
  shut();
  for (AppendId n = 2; n <= 3; ++n) arrived(n);
  const auto round = early_.ruled(kSku, 2, v1::OUTCOME_UNSPECIFIED, v1::REASON_UNSPECIFIED);
  EXPECT_THAT(round.append, ElementsAre(3U));
  EXPECT_EQ(arrived(4), Course::kProbe);
  EXPECT_EQ(arrived(5), Course::kAppend);
}

TEST_F(EarlyRefusalTest, LearnsNothingFromARefusalThatIsTheBuyersOwn) {
  shut();
  for (AppendId n = 2; n <= 3; ++n) arrived(n);
  EXPECT_THAT(early_.ruled(kSku, 2, v1::REFUSED, v1::LIMIT_REACHED).append, ElementsAre(3U));
}

TEST_F(EarlyRefusalTest, NeverRefusesAKeyThatWasAccepted) {
  shut();
  early_.take(accepted(key(9)));
  EXPECT_EQ(arrived(2), Course::kProbe);
  EXPECT_EQ(arrived(9), Course::kAppend);
}

TEST_F(EarlyRefusalTest, NeverRefusesAKeyThatWasAcceptedWhileItWaited) {
  shut();
  for (AppendId n = 2; n <= 5; ++n) arrived(n);
  EXPECT_EQ(sold_out(2).probe, 3U);
  early_.take(accepted(key(4)));
  const auto round = sold_out(3);
  EXPECT_THAT(round.refuse, ElementsAre(5U));
  EXPECT_THAT(round.append, ElementsAre(4U));
}

TEST_F(EarlyRefusalTest, DoesNotRefuseFewerUnitsThanTheProbeAskedFor) {
  shut();
  arrived(2);
  arrived(3, 3);
  arrived(4, 2);
  arrived(5, 3);
  EXPECT_EQ(sold_out(2).probe, 3U);
  const auto round = sold_out(3);
  EXPECT_THAT(round.refuse, ElementsAre(5U));
  EXPECT_THAT(round.append, ElementsAre(4U));
}

TEST_F(EarlyRefusalTest, RefusesAnyQuantityOfWhatIsNotOnSale) {
  shut();
  arrived(2);
  arrived(3, 3);
  arrived(4, 2);
  EXPECT_EQ(sold_out(2).probe, 3U);
  const auto round = early_.ruled(kSku, 3, v1::REFUSED, v1::NOT_ON_SALE);
  EXPECT_THAT(round.refuse, ElementsAre(4U));
  EXPECT_EQ(round.reason, v1::NOT_ON_SALE);
}

TEST_F(EarlyRefusalTest, GivesUpWhenItCannotKeepAllKeys) {
  shut();
  for (std::uint64_t n = 100; n < 104; ++n) early_.take(accepted(key(n)));
  EXPECT_EQ(arrived(2), Course::kAppend);
}

TEST_F(EarlyRefusalTest, BeginsAnewWithANewSale) {
  shut();
  for (std::uint64_t n = 100; n < 104; ++n) early_.take(accepted(key(n)));
  early_.take(sale(1));
  EXPECT_EQ(arrived(2), Course::kProbe);
}

TEST_F(EarlyRefusalTest, KeepsItsKnowledgeWhenASaleIsAmended) {
  shut();
  early_.take(accepted(key(9)));
  early_.take(sale(2));
  EXPECT_EQ(arrived(2), Course::kProbe);
  EXPECT_EQ(arrived(9), Course::kAppend);
  EXPECT_EQ(arrived(3), Course::kHold);
}

TEST_F(EarlyRefusalTest, HoldsNoMoreThanItsBound) {
  shut();
  arrived(2);
  for (AppendId n = 3; n < 7; ++n) EXPECT_EQ(arrived(n), Course::kHold);
  EXPECT_EQ(arrived(7), Course::kAppend);
}

}  // namespace
}  // namespace sluice
