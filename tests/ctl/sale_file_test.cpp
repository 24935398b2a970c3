#include "ctl/sale_file.h"

#include <gmock/gmock.h>

#include <cstring>
#include <fstream>
#include <iterator>

namespace sluice {
namespace {

using testing::HasSubstr;
using testing::SizeIs;
using testing::StartsWith;

constexpr UnixMillis kNow = 1'000'000;

constexpr const char* kSmallest = R"(sku: mask
sale_id: spring
price_minor: 999
currency: EUR
limit_per_user: 2
slots:
  - opens: +5s
    closes: +10m
    quantity: 200
)";

std::string with(std::string text, const std::string& part, const std::string& instead) {
  return text.replace(text.find(part), part.size(), instead);
}

std::string error_of(const std::string& text) {
  const auto sales = read_sales(text, "sale.yaml", kNow);
  EXPECT_FALSE(sales.ok());
  return sales.ok() ? std::string() : sales.error().message;
}

TEST(SaleFile, ReadsASale) {
  const auto sales = read_sales(R"(sku: mask
sale_id: spring
version: 3
title: "FFP2: a box"
price_minor: 1999
currency: EUR
limit_per_user: 2
hold_seconds: 60
late_payment: rebuy_or_refund
slots:
  - {opens: +5s, closes: +10m, quantity: 200}
  - {opens: 2026-12-24T06:00:00Z, closes: 2026-12-24T06:30:00Z, quantity: 0}
)",
                                "sale.yaml", kNow);
  ASSERT_TRUE(sales.ok()) << sales.error().message;
  ASSERT_THAT(*sales, SizeIs(1));
  const v1::DefineSale& sale = sales->front();
  EXPECT_EQ(sale.sku(), "mask");
  EXPECT_EQ(sale.sale_id(), "spring");
  EXPECT_EQ(sale.version(), 3);
  EXPECT_EQ(sale.title(), "FFP2: a box");
  EXPECT_EQ(sale.price_minor(), 1999);
  EXPECT_EQ(sale.currency(), "EUR");
  EXPECT_EQ(sale.limit_per_user(), 2);
  EXPECT_EQ(sale.hold_seconds(), 60);
  EXPECT_EQ(sale.late_payment(), v1::LATE_PAYMENT_REBUY_OR_REFUND);
  ASSERT_EQ(sale.slots_size(), 2);
  EXPECT_EQ(sale.slots(0).opens_ms(), kNow + 5'000);
  EXPECT_EQ(sale.slots(0).closes_ms(), kNow + 600'000);
  EXPECT_EQ(sale.slots(0).quantity(), 200);
  EXPECT_EQ(sale.slots(1).opens_ms(), 1'798'092'000'000);
}

TEST(SaleFile, WhatIsLeftOutHasADefault) {
  const auto sales = read_sales(kSmallest, "sale.yaml", kNow);
  ASSERT_TRUE(sales.ok()) << sales.error().message;
  EXPECT_EQ(sales->front().version(), 1);
  EXPECT_EQ(sales->front().title(), "");
  EXPECT_EQ(sales->front().hold_seconds(), 20 * 60);
  EXPECT_EQ(sales->front().late_payment(), v1::LATE_PAYMENT_REFUND);
}

TEST(SaleFile, HoldsSeveralSales) {
  const auto sales = read_sales(std::string(kSmallest) + "---\n" + with(kSmallest, "mask", "soap"), "sale.yaml", kNow);
  ASSERT_TRUE(sales.ok()) << sales.error().message;
  ASSERT_THAT(*sales, SizeIs(2));
  EXPECT_EQ(sales->back().sku(), "soap");
}

TEST(SaleFile, NamesFileLineAndKeyOfAMistake) {
  EXPECT_EQ(error_of(with(kSmallest, "sku: mask", "sku: a mask")),
            "sale.yaml:1: sku must be 1 to 64 characters of A-Z a-z 0-9 . _ -");
  EXPECT_EQ(error_of(with(kSmallest, "999", "9.99")), "sale.yaml:3: price_minor must be a whole number, not '9.99'");
  EXPECT_EQ(error_of(with(kSmallest, "EUR", "euro")), "sale.yaml:4: currency must be three capitals, as in ISO 4217");
  EXPECT_EQ(error_of(with(kSmallest, "limit_per_user: 2", "limit_per_user: 0")),
            "sale.yaml:5: limit_per_user must be from 1 to 1000, it is 0");
  EXPECT_EQ(error_of(with(kSmallest, "+5s", "soon")),
            "sale.yaml:7: slots[0].opens must be a time like 2026-12-24T06:00:00Z or +5s, not 'soon'");
  EXPECT_EQ(error_of(with(kSmallest, "+10m", "+1s")), "sale.yaml:8: slots[0].closes must lie after its opens");
  EXPECT_EQ(error_of(with(kSmallest, "200", "-1")), "sale.yaml:9: slots[0].quantity must be a whole number, not '-1'");
}

TEST(SaleFile, EndsAtACharacterThatBelongsNowhere) {
  EXPECT_EQ(error_of(",\n" + std::string(kSmallest)), "sale.yaml:1: is no YAML: a ',' or the like that belongs nowhere");
  EXPECT_THAT(error_of(std::string(kSmallest) + "---\n" + kSmallest + ",\n"), StartsWith("sale.yaml:20: "));
}

TEST(SaleFile, NamesTheSecondSlotThatOverlapsTheFirst) {
  EXPECT_EQ(error_of(std::string(kSmallest) + "  - {opens: +9m, closes: +20m, quantity: 1}\n"),
            "sale.yaml:10: slots[1].opens must not lie before the close of the slot before it");
}

TEST(SaleFile, RefusesWhatIsMissingUnknownOrDouble) {
  EXPECT_EQ(error_of(with(kSmallest, "currency: EUR\n", "")), "sale.yaml:1: 'currency' is missing");
  EXPECT_EQ(error_of(with(kSmallest, "    closes: +10m\n", "")), "sale.yaml:7: 'slots[0].closes' is missing");
  EXPECT_THAT(error_of(with(kSmallest, "price_minor", "price")),
              StartsWith("sale.yaml:3: 'price' is no key of a sale; there are currency, hold_seconds, late_payment"));
  EXPECT_EQ(error_of(std::string(kSmallest) + "sku: soap\n"), "sale.yaml:10: 'sku' stands here a second time");
  EXPECT_EQ(error_of(with(kSmallest, "    quantity: 200\n", "    quantity: 200\n    price: 3\n")),
            "sale.yaml:10: 'slots[0].price' is no key of a sale; there are closes, opens, quantity");
}

TEST(SaleFile, RefusesWhatIsNoSaleAtAll) {
  EXPECT_EQ(error_of(""), "sale.yaml:1: holds no sale");
  EXPECT_THAT(error_of("just text"), StartsWith("sale.yaml:1: must hold the keys of a sale"));
  EXPECT_THAT(error_of("sku: [unclosed"), StartsWith("sale.yaml:"));
  EXPECT_EQ(error_of(with(kSmallest, "slots:\n  - opens: +5s\n    closes: +10m\n    quantity: 200\n", "slots: many\n")),
            "sale.yaml:6: slots must be a list");
  EXPECT_EQ(error_of(with(kSmallest, "slots:\n  - opens: +5s\n    closes: +10m\n    quantity: 200\n", "slots: []\n")),
            "sale.yaml:6: the number of slots must be from 1 to 96, it is 0");
  EXPECT_THAT(error_of(with(kSmallest, "currency: EUR", "late_payment: never")),
              HasSubstr("late_payment must be refund or rebuy_or_refund, not 'never'"));
}

TEST(SaleFile, TheExampleOfTheReadmeIsASale) {
  std::ifstream file("ctl/README.md");
  const std::string readme{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const std::size_t begin = readme.find("```yaml\n") + std::strlen("```yaml\n");
  const auto sales = read_sales(readme.substr(begin, readme.find("```", begin) - begin), "ctl/README.md", kNow);
  ASSERT_TRUE(sales.ok()) << sales.error().message;
  EXPECT_EQ(sales->front().slots_size(), 2);
}

TEST(SaleFile, SaysWhyAFileCannotBeRead) {
  const auto sales = read_sale_file("there/is/no.yaml", kNow);
  ASSERT_FALSE(sales.ok());
  EXPECT_EQ(sales.error().message, "there/is/no.yaml: cannot be read: No such file or directory");
}

}  // namespace
}  // namespace sluice
