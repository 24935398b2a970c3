#include "ledger/store_rows.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

TEST(StoreRowsTest, LiesInTheOrderOfTheLog) {
  EXPECT_LT(order_row(1), order_row(2));
  EXPECT_LT(order_row(255), order_row(256));
  EXPECT_LT(order_row(0x7fffffffffffffff), order_row(0x8000000000000000));
}

TEST(StoreRowsTest, ReadsBackWhatItsKeysSay) {
  EXPECT_EQ(order_of_row(order_row(0x0123456789abcdef)), 0x0123456789abcdefU);
  EXPECT_EQ(order_of_row(alias_row(42)), 42U);
  const Fingerprint key{0x0123456789abcdef, 0xfedcba9876543210};
  EXPECT_EQ(key_of_row(admin_key_row(key)), key);
}

TEST(StoreRowsTest, KeepsALineAsItWas) {
  SaleStock stock;
  stock.sale.set_sku("mask");
  stock.sale.add_slots()->set_quantity(5);
  stock.counters.set_available(5);
  stock.counters.set_defined(5);
  stock.opened_slots = 1;
  stock.frozen = true;
  stock.version = Position::at({3}, 77);
  const SaleStock read = sale_stock(stored_line(stock));
  EXPECT_EQ(read.sale.SerializeAsString(), stock.sale.SerializeAsString());
  EXPECT_EQ(read.counters.SerializeAsString(), stock.counters.SerializeAsString());
  EXPECT_EQ(read.opened_slots, 1);
  EXPECT_TRUE(read.frozen);
  EXPECT_EQ(read.version, stock.version);
}

}  // namespace
}  // namespace sluice
