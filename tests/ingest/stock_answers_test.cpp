#include "ingest/stock_answers.h"

#include <gmock/gmock.h>

namespace sluice {
namespace {

using ::testing::HasSubstr;

SkuStock stock(const std::string& sku = "mask-1") {
  SkuStock stock;
  stock.version = Position::at(Generation{1}, 7);
  stock.log_time = 1'709'164'700'000;
  stock.terms.set_sku(sku);
  stock.terms.set_sale_id("spring");
  stock.terms.set_title("A \"good\" mask");
  stock.terms.set_price_minor(1900);
  stock.terms.set_currency("EUR");
  stock.terms.set_limit_per_user(2);
  stock.terms.set_hold_seconds(1200);
  for (const auto& [opens, quantity] : {std::pair{1'709'164'800'000, 15}, {1'709'164'900'000, 6}}) {
    v1::Slot& slot = *stock.terms.add_slots();
    slot.set_opens_ms(opens);
    slot.set_closes_ms(opens + 50'000);
    slot.set_quantity(static_cast<std::uint32_t>(quantity));
  }
  stock.opened_slots = 1;
  stock.counters.set_defined(21);
  stock.counters.set_unopened(6);
  stock.counters.set_available(5);
  stock.counters.set_held(4);
  stock.counters.set_sold(3);
  stock.counters.set_withdrawn(3);
  return stock;
}

constexpr UnixMillis kInTheFirstSlot = 1'709'164'800'000;
constexpr UnixMillis kBetween = kInTheFirstSlot + 60'000;

TEST(SkuAnswer, TellsAllThatIsKnown) {
  const HttpAnswer answer = sku_answer(stock(), "", kInTheFirstSlot);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.cache_seconds, 1);
  EXPECT_EQ(answer.body,
            R"({"sku":"mask-1","sale_id":"spring","title":"A \"good\" mask","price_minor":1900,"currency":"EUR",)"
            R"("limit_per_user":2,"hold_seconds":1200,"frozen":false,"on_sale":true,"defined":21,"unopened":6,"available":5,)"
            R"("held":4,"sold":3,"withdrawn":3,"slots":[)"
            R"({"opens":"2024-02-29T00:00:00.000Z","closes":"2024-02-29T00:00:50.000Z","quantity":15,"opened":true},)"
            R"({"opens":"2024-02-29T00:01:40.000Z","closes":"2024-02-29T00:02:30.000Z","quantity":6,"opened":false}],)"
            R"("log_time":"2024-02-28T23:58:20.000Z","position":17592186044423})");
}

TEST(SkuAnswer, IsNotSentAgainToWhoHasIt) {
  const HttpAnswer first = sku_answer(stock(), "", kInTheFirstSlot);
  for (const std::string& asked : {first.etag, "\"other\", W/" + first.etag, std::string("*")}) {
    const HttpAnswer again = sku_answer(stock(), asked, kInTheFirstSlot);
    EXPECT_EQ(again.status, 304) << asked;
    EXPECT_EQ(again.body, "");
    EXPECT_EQ(again.etag, first.etag);
    EXPECT_EQ(again.cache_seconds, 1);
  }
  EXPECT_EQ(sku_answer(stock(), "\"other\"", kInTheFirstSlot).status, 200);
}

TEST(SkuAnswer, HasAnotherTagWheneverItSaysSomethingElse) {
  const HttpAnswer first = sku_answer(stock(), "", kInTheFirstSlot);
  const HttpAnswer closed = sku_answer(stock(), first.etag, kBetween);
  EXPECT_EQ(closed.status, 200) << "no record tells that a slot has closed";
  EXPECT_THAT(closed.body, HasSubstr(R"("on_sale":false)"));
  SkuStock changed = stock();
  changed.version = Position::at(Generation{1}, 8);
  EXPECT_EQ(sku_answer(changed, first.etag, kInTheFirstSlot).status, 200);
}

TEST(SalesAnswer, ListsSkusAndSaysWhetherThereAreMore) {
  const SkuStock one = stock("mask-1");
  const SkuStock two = stock("mask-2");
  const HttpAnswer answer = sales_answer({&one, &two}, /*has_more=*/true, "", kBetween);
  EXPECT_THAT(answer.body, HasSubstr(R"({"sales":[{"sku":"mask-1",)"));
  EXPECT_THAT(answer.body, HasSubstr(R"(},{"sku":"mask-2",)"));
  EXPECT_THAT(answer.body, HasSubstr(R"(}],"more":true})"));
  EXPECT_EQ(sales_answer({}, /*has_more=*/false, "", 0).body, R"({"sales":[],"more":false})");
  EXPECT_EQ(sales_answer({&one, &two}, true, answer.etag, kBetween).status, 304);
  EXPECT_EQ(sales_answer({&one, &two}, true, answer.etag, kInTheFirstSlot).status, 200);
}

}  // namespace
}  // namespace sluice
