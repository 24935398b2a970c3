#include "ledger/sale_stock.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

SaleStock two_slots() {
  SaleStock stock;
  for (const int begin : {10, 30}) {
    v1::Slot& slot = *stock.sale.add_slots();
    slot.set_opens_ms(begin);
    slot.set_closes_ms(begin + 10);
    slot.set_quantity(5);
  }
  define_units(stock.counters, Pile::kUnopened, 10);
  return stock;
}

TEST(SaleStockTest, SellsExactlyWhatIsAvailable) {
  SaleStock stock = two_slots();
  google::protobuf::RepeatedPtrField<v1::SlotOpened> opened;
  EXPECT_FALSE(stock.can_sell(1));
  stock.open_due_slots(10, opened);
  EXPECT_TRUE(stock.can_sell(5));
  EXPECT_FALSE(stock.can_sell(6));
}

TEST(SaleStockTest, OpensEverySlotThatIsDueOnce) {
  SaleStock stock = two_slots();
  google::protobuf::RepeatedPtrField<v1::SlotOpened> opened;
  stock.open_due_slots(9, opened);
  EXPECT_EQ(opened.size(), 0);
  stock.open_due_slots(100, opened);
  stock.open_due_slots(100, opened);
  EXPECT_EQ(opened.size(), 2);
  EXPECT_EQ(stock.counters.available(), 10);
}

TEST(SaleStockTest, IsOnSaleFromTheOpeningToJustBeforeTheClose) {
  SaleStock stock = two_slots();
  google::protobuf::RepeatedPtrField<v1::SlotOpened> opened;
  EXPECT_FALSE(stock.is_on_sale(9));
  stock.open_due_slots(10, opened);
  EXPECT_TRUE(stock.is_on_sale(10));
  EXPECT_TRUE(stock.is_on_sale(19));
  EXPECT_FALSE(stock.is_on_sale(20));
  EXPECT_FALSE(stock.is_over(20));
  EXPECT_TRUE(stock.is_over(40));
}

TEST(SaleStockDeathTest, AbortsRatherThanTakeMoreThanThereIs) {
  v1::Counters counters;
  define_units(counters, Pile::kAvailable, 2);
  EXPECT_DEATH(move_units(counters, Pile::kAvailable, Pile::kHeld, 3), "available");
}

TEST(SaleStockDeathTest, AbortsWhenUnitsAppearFromNowhere) {
  v1::Counters counters;
  define_units(counters, Pile::kAvailable, 2);
  counters.set_sold(1);
  EXPECT_DEATH(check_counters(counters), "defined");
}

}  // namespace
}  // namespace sluice
