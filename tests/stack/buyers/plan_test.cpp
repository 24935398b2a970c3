#include "stack/buyers/plan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

namespace sluice {
namespace {

PlanSettings settings() { return {.buyers = 5000, .skus = {"a", "b", "c"}, .seed = 7, .opens_at = 1'700'000'000'000}; }

TEST(Plan, IsTheSameForTheSameSeed) {
  const std::vector<Click> one = plan_clicks(settings());
  const std::vector<Click> two = plan_clicks(settings());
  ASSERT_EQ(one.size(), two.size());
  for (std::size_t i = 0; i < one.size(); ++i) {
    EXPECT_EQ(one[i].key, two[i].key);
    EXPECT_EQ(one[i].at_ms, two[i].at_ms);
    EXPECT_EQ(one[i].sku, two[i].sku);
  }
  PlanSettings other = settings();
  other.seed = 8;
  EXPECT_NE(plan_clicks(other).front().key, one.front().key);
}

TEST(Plan, BringsEveryBuyerWithinTheTime) {
  std::map<int, std::int64_t> first;
  for (const Click& click : plan_clicks(settings())) first.try_emplace(click.buyer, click.at_ms);
  EXPECT_EQ(first.size(), 5000U);
  EXPECT_TRUE(std::ranges::all_of(first, [](const auto& entry) { return entry.second >= 0 && entry.second < 2000; }));
}

TEST(Plan, HasEveryKindInItsShare) {
  std::map<ClickKind, std::set<int>> buyers;
  for (const Click& click : plan_clicks(settings())) buyers[click.kind].insert(click.buyer);
  EXPECT_NEAR(static_cast<double>(buyers[ClickKind::kSameKey].size()), 500, 100);
  EXPECT_NEAR(static_cast<double>(buyers[ClickKind::kNewKey].size()), 250, 75);
  EXPECT_NEAR(static_cast<double>(buyers[ClickKind::kOverLimit].size()), 250, 75);
  EXPECT_NEAR(static_cast<double>(buyers[ClickKind::kImpatient].size()), 250, 75);
}

TEST(Plan, RepeatsTheKeyOnlyOfTheSameKind) {
  std::map<int, std::vector<Click>> of_buyer;
  for (const Click& click : plan_clicks(settings())) of_buyer[click.buyer].push_back(click);
  for (const auto& [buyer, clicks] : of_buyer) {
    ASSERT_LE(clicks.size(), 2U);
    if (clicks.size() < 2) continue;
    EXPECT_EQ(clicks[0].sku, clicks[1].sku);
    EXPECT_EQ(clicks[0].key == clicks[1].key, clicks[0].kind == ClickKind::kSameKey);
  }
}

TEST(Plan, AsksForMoreThanTheLimitOnlyInThatKind) {
  for (const Click& click : plan_clicks(settings())) {
    EXPECT_LE(click.quantity, click.kind == ClickKind::kOverLimit ? 3U : 1U);
  }
}

TEST(Plan, SpreadsBuyersOverTheSkus) {
  std::map<std::string, int> buyers;
  for (const Click& click : plan_clicks(settings())) ++buyers[click.sku];
  EXPECT_EQ(buyers.size(), 3U);
}

PlanSettings of_a_whole_story() {
  PlanSettings whole = settings();
  whole.goes_on = true;
  whole.return_at_ms = 12'000;
  whole.return_spread_ms = 6000;
  return whole;
}

TEST(Plan, SaysWhatEachBuyerWouldDoWithAnOrder) {
  std::map<Aftermath, int> count;
  for (const Click& click : plan_clicks(of_a_whole_story())) {
    ASSERT_TRUE(click.aftermath.has_value());
    EXPECT_GE(click.pause_ms, 100);
    if (!click.if_empty_handed) ++count[*click.aftermath];
  }
  EXPECT_EQ(count.size(), 7U);
  EXPECT_NEAR(count[Aftermath::kCancels], 575, 100);
  EXPECT_NEAR(count[Aftermath::kWalksAway], 1437, 150);
  for (const Click& click : plan_clicks(settings())) EXPECT_FALSE(click.aftermath.has_value());
}

TEST(Plan, HasTheSameClicksWhateverComesAfterThem) {
  PlanSettings whole = of_a_whole_story();
  whole.return_at_ms = 0;
  const std::vector<Click> one = plan_clicks(whole);
  const std::vector<Click> two = plan_clicks(settings());
  ASSERT_EQ(one.size(), two.size());
  for (std::size_t i = 0; i < one.size(); ++i) EXPECT_EQ(one[i].key, two[i].key);
}

TEST(Plan, LetsHalfOfTheBuyersComeBackIfTheyGotNothing) {
  std::map<int, std::vector<Click>> returns;
  std::set<std::string> keys;
  for (const Click& click : plan_clicks(of_a_whole_story())) {
    if (!click.if_empty_handed) continue;
    returns[click.buyer].push_back(click);
    EXPECT_TRUE(keys.insert(click.key).second);
    EXPECT_GE(click.at_ms, 12'000);
    EXPECT_LT(click.at_ms, 18'000);
    EXPECT_EQ(click.quantity, 1U);
  }
  EXPECT_NEAR(static_cast<double>(returns.size()), 2500, 150);
  for (const auto& [buyer, clicks] : returns) EXPECT_EQ(clicks.size(), 3U);
}

TEST(Plan, NeverSharesAKeyWithAnotherRun) {
  PlanSettings later = settings();
  later.opens_at += 1;
  EXPECT_NE(plan_clicks(later).front().key, plan_clicks(settings()).front().key);
}

}  // namespace
}  // namespace sluice
