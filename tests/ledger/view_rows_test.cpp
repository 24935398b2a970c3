#include "ledger/view_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::Pair;

constexpr UnixMillis kKeep = 10'000;

std::map<std::string, std::string> fields_of(const ViewRow& row) { return {row.fields.begin(), row.fields.end()}; }

v1::StoredLine line() {
  v1::StoredLine line;
  v1::DefineSale& sale = *line.mutable_sale();
  sale.set_sku("mask");
  sale.set_sale_id("spring");
  sale.set_title("Mask \"N95\"");
  sale.set_price_minor(250);
  sale.set_currency("CNY");
  sale.set_limit_per_user(2);
  sale.set_hold_seconds(1200);
  for (int i = 1; i <= 2; ++i) {
    v1::Slot& slot = *sale.add_slots();
    slot.set_opens_ms(i * 1000);
    slot.set_closes_ms(i * 1000 + 500);
    slot.set_quantity(static_cast<std::uint32_t>(i * 100));
  }
  v1::Counters& counters = *line.mutable_counters();
  counters.set_defined(300);
  counters.set_unopened(200);
  counters.set_available(60);
  counters.set_held(30);
  counters.set_sold(7);
  counters.set_withdrawn(3);
  line.set_opened_slots(1);
  line.set_frozen(true);
  line.set_version(Position::at(Generation{1}, 41).value);
  return line;
}

TEST(ViewRows, ShowAStockLineWithItsSlots) {
  const ViewRow row = view_row(snapshot_of(line()), 1234);
  EXPECT_EQ(row.key, "stock:mask");
  EXPECT_EQ(row.version, Position::at(Generation{1}, 41));
  EXPECT_THAT(fields_of(row),
              ElementsAre(Pair("available", "60"), Pair("currency", "CNY"), Pair("defined", "300"), Pair("frozen", "1"),
                          Pair("held", "30"), Pair("hold_seconds", "1200"), Pair("limit_per_user", "2"),
                          Pair("log_time_ms", "1234"), Pair("price_minor", "250"), Pair("sale_id", "spring"),
                          Pair("slots", R"([{"opens_ms":1000,"closes_ms":1500,"quantity":100,"opened":true},)"
                                        R"({"opens_ms":2000,"closes_ms":2500,"quantity":200,"opened":false}])"),
                          Pair("sold", "7"), Pair("title", "Mask \"N95\""), Pair("unopened", "200"), Pair("withdrawn", "3")));
}

TEST(ViewRows, ShowAnOrderByItsTicket) {
  const Ticket ticket = Ticket::of(Partition{3}, Position::at(Generation{1}, 17));
  v1::StoredOrder stored;
  v1::Order& order = *stored.mutable_order();
  order.set_id(ticket.value);
  order.set_sku("mask");
  order.set_user("user-7");
  order.set_quantity(2);
  order.set_amount_minor(500);
  order.set_currency("CNY");
  order.set_status(v1::HELD);
  order.set_created_ms(100);
  order.set_deadline_ms(1300);
  order.set_hold_seconds(1);
  stored.set_version(Position::at(Generation{1}, 20).value);
  const ViewRow row = view_row(snapshot_of(stored), kKeep);
  EXPECT_EQ(row.key, "order:" + std::to_string(ticket.value));
  EXPECT_EQ(row.version.offset(), 20);
  EXPECT_THAT(fields_of(row), ElementsAre(Pair("amount_minor", "500"), Pair("created_ms", "100"), Pair("currency", "CNY"),
                                          Pair("deadline_ms", "1300"), Pair("pay_by_ms", "1300"), Pair("quantity", "2"),
                                          Pair("sku", "mask"), Pair("status", "held"), Pair("user", "user-7")));
}

OrderSnapshot order_with(v1::OrderStatus status) {
  OrderSnapshot snapshot;
  snapshot.order.set_status(status);
  snapshot.order.set_deadline_ms(1300);
  snapshot.order.set_hold_seconds(1);
  return snapshot;
}

TEST(ViewRows, GiveABuyerTheHoldFromWhenTheRecordWasWritten) {
  OrderSnapshot snapshot = order_with(v1::HELD);
  snapshot.recorded = 400;  // the ledger was slow, which is not the buyer's fault
  EXPECT_EQ(fields_of(view_row(snapshot, kKeep))["pay_by_ms"], "1400");
  snapshot.recorded = 200;  // this machine's clock is behind
  EXPECT_EQ(fields_of(view_row(snapshot, kKeep))["pay_by_ms"], "1300") << "never before the deadline";
  snapshot.order.set_status(v1::PAID);
  EXPECT_FALSE(fields_of(view_row(snapshot, kKeep)).contains("pay_by_ms"));
}

TEST(ViewRows, EndAfterAnOrderIsClosedAndNotWhileItIsHeldOrPaid) {
  for (const v1::OrderStatus status : {v1::HELD, v1::PAID}) EXPECT_EQ(view_row(order_with(status), kKeep).ends, 0);
  for (const v1::OrderStatus status : {v1::CANCELLED, v1::RELEASED, v1::REFUNDED}) {
    OrderSnapshot snapshot = order_with(status);
    snapshot.changed = 500;
    EXPECT_EQ(view_row(snapshot, kKeep).ends, 1300 + kKeep) << "all of an age end alike, so that newer ones are still there";
    snapshot.changed = 5000;
    EXPECT_EQ(view_row(snapshot, kKeep).ends, 5000 + kKeep) << "long after its deadline, but only just refunded";
  }
}

TEST(ViewRows, ShowWhatADuplicateStandsFor) {
  const Ticket duplicate = Ticket::of(Partition{3}, Position::at(Generation{1}, 18));
  v1::StoredAlias stored;
  stored.set_order(17);
  stored.set_deadline_ms(1400);
  const ViewRow row = view_row(snapshot_of(duplicate, stored), kKeep);
  EXPECT_EQ(row.key, "order:" + std::to_string(duplicate.value));
  EXPECT_EQ(row.version.offset(), 18);
  EXPECT_EQ(row.ends, 1400 + kKeep);
  EXPECT_THAT(fields_of(row), ElementsAre(Pair("alias_of", "17")));
}

TEST(ViewRows, ShowMoneyThatGoesBackAndNoOther) {
  v1::StoredPayment stored;
  stored.set_version(42);
  v1::Payment& payment = *stored.mutable_payment();
  payment.set_id("pay_1");
  payment.set_order(17);
  payment.set_amount_minor(1900);
  payment.set_currency("EUR");
  payment.set_end(v1::PAYMENT_PAID);
  EXPECT_FALSE(view_field(snapshot_of(stored)).has_value());
  payment.set_end(v1::PAYMENT_REFUND_DUE);
  payment.set_refund_reason(v1::PAID_TOO_LATE);
  const auto field = view_field(snapshot_of(stored));
  ASSERT_TRUE(field.has_value());
  EXPECT_EQ(field->key, "refunds:17");
  EXPECT_EQ(field->name, "payment:pay_1");
  EXPECT_EQ(field->version, Position{42});
  EXPECT_EQ(field->value, R"({"version":42,"amount_minor":1900,"currency":"EUR","reason":"paid_too_late","settled":false})");
  payment.set_order(0);
  EXPECT_FALSE(view_field(snapshot_of(stored)).has_value()) << "it names no order to show it with";
}

TEST(ViewRows, NameEveryStatus) {
  const std::map<v1::OrderStatus, std::string> words = {{v1::HELD, "held"},
                                                        {v1::PAID, "paid"},
                                                        {v1::CANCELLED, "cancelled"},
                                                        {v1::RELEASED, "released"},
                                                        {v1::REFUNDED, "refunded"}};
  for (int value = v1::OrderStatus_MIN + 1; value <= v1::OrderStatus_MAX; ++value) {
    OrderSnapshot snapshot;
    snapshot.order.set_status(static_cast<v1::OrderStatus>(value));
    EXPECT_EQ(fields_of(view_row(snapshot, kKeep))["status"], words.at(static_cast<v1::OrderStatus>(value)));
  }
}

}  // namespace
}  // namespace sluice
