#include "ctl/sale_text.h"

#include <gmock/gmock.h>

namespace sluice {
namespace {

using testing::HasSubstr;
using testing::Not;

SaleRow mask() {
  SaleRow row;
  row.partition = {2};
  row.version = Position::at({1}, 17);
  row.opened_slots = 1;
  row.changed = 1'798'092'000'123;
  row.sale.set_sku("mask");
  row.sale.set_sale_id("spring");
  row.sale.set_version(3);
  row.sale.set_title("FFP2: \"box\" of 10");
  row.sale.set_price_minor(1999);
  row.sale.set_currency("EUR");
  row.sale.set_limit_per_user(2);
  row.sale.set_hold_seconds(1200);
  row.sale.set_late_payment(v1::LATE_PAYMENT_REBUY_OR_REFUND);
  for (const UnixMillis opens : {1'798'092'000'000, 1'798'093'800'000}) {
    v1::Slot& slot = *row.sale.add_slots();
    slot.set_opens_ms(opens);
    slot.set_closes_ms(opens + 1'800'000);
    slot.set_quantity(100);
  }
  row.counters.set_defined(200);
  row.counters.set_unopened(100);
  row.counters.set_available(87);
  row.counters.set_held(10);
  row.counters.set_sold(2);
  row.counters.set_withdrawn(1);
  return row;
}

TEST(SaleText, TheTableSaysTermsStockAndSlots) {
  EXPECT_EQ(sales_table({mask()}), R"(mask: FFP2: "box" of 10
  sale      spring, version 3
  price     1999 EUR a unit, in minor units
  buyers    at most 2 a user, 1200 s to pay; late payments: rebuy_or_refund
  stock     200 defined = 100 unopened + 87 available + 10 held + 2 sold + 1 withdrawn
  changed   2026-12-24T06:00:00.123Z by intent 17 of partition 2
  slots  opens                     closes                      quantity
      0  2026-12-24T06:00:00.000Z  2026-12-24T06:30:00.000Z         100  opened
      1  2026-12-24T06:30:00.000Z  2026-12-24T07:00:00.000Z         100  coming
)");
}

TEST(SaleText, AFrozenSaleIsNotOverlooked) {
  SaleRow row = mask();
  EXPECT_THAT(sales_table({row}), Not(HasSubstr("FROZEN")));
  row.frozen = true;
  EXPECT_THAT(sales_table({row}), HasSubstr("FROZEN"));
}

TEST(SaleText, JsonIsOneLineOfEverything) {
  EXPECT_EQ(sales_json({mask()}),
            R"({"sales":[{"sku":"mask","sale_id":"spring","version":3,"title":"FFP2: \"box\" of 10","price_minor":1999,)"
            R"("currency":"EUR","limit_per_user":2,"hold_seconds":1200,"late_payment":"rebuy_or_refund","frozen":false,)"
            R"("defined":200,"unopened":100,"available":87,"held":10,"sold":2,"withdrawn":1,"slots":[)"
            R"({"opens":"2026-12-24T06:00:00.000Z","closes":"2026-12-24T06:30:00.000Z","quantity":100,"opened":true},)"
            R"({"opens":"2026-12-24T06:30:00.000Z","closes":"2026-12-24T07:00:00.000Z","quantity":100,"opened":false}],)"
            R"("log_time":"2026-12-24T06:00:00.123Z","partition":2,"offset":17}]})"
            "\n");
}

TEST(SaleText, NoSalesAreNoError) {
  EXPECT_EQ(sales_table({}), "no sales\n");
  EXPECT_EQ(sales_json({}), "{\"sales\":[]}\n");
}

}  // namespace
}  // namespace sluice
