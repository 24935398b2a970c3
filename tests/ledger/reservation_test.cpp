#include "ledger/reservation.h"

#include <gtest/gtest.h>

#include <random>

#include "ledger/record_writer.h"
#include "ledger/verdict.h"

namespace sluice {
namespace {

// What stands in records is written by hand. It must be what the generated code writes, for every value: readers recompute the
// digest from what they parsed.
class WrittenByHandTest : public testing::Test {
 protected:
  // 0, small, or anything up to `max`: varints of every length.
  std::uint64_t number(std::uint64_t max = ~std::uint64_t{0}) {
    switch (dice_() % 4) {
      case 0:
        return 0;
      case 1:
        return dice_() % 200 % max;
      default:
        return (dice_() >> dice_() % 64) % max;
    }
  }
  std::int64_t positive() { return static_cast<std::int64_t>(number(std::uint64_t{1} << 62)); }
  std::string text() { return std::string(dice_() % 65, static_cast<char>('a' + dice_() % 26)); }

  SaleStock stock() {
    SaleStock stock;
    stock.sale.set_sku(text());
    stock.sale.set_sale_id(text());
    stock.sale.set_currency(text());
    stock.counters.set_sale_id(stock.sale.sale_id());
    stock.counters.set_defined(positive());
    stock.counters.set_unopened(positive());
    stock.counters.set_available(positive());
    stock.counters.set_held(positive());
    stock.counters.set_sold(positive());
    stock.counters.set_withdrawn(positive());
    return stock;
  }

  Reservation reservation(std::string_view user) {
    return {.id = number(),
            .user = user,
            .user_key = {},
            .quantity = static_cast<std::uint32_t>(number(1U << 31)),
            .amount_minor = positive(),
            .created = positive(),
            .hold_seconds = static_cast<std::uint32_t>(number(1U << 20)),
            .key = Fingerprint{number(), number()},
            .content = number()};
  }

  std::mt19937_64 dice_{7};  // NOLINT(cert-msc51-cpp): the same each time
};

TEST_F(WrittenByHandTest, AReservedOrderIsWhatProtobufWouldWrite) {
  for (int i = 0; i < 10'000; ++i) {
    const SaleStock line = stock();
    const std::string user = text();
    const Reservation order = reservation(user);
    v1::Change change;
    change.set_sku(line.sale.sku());
    *change.mutable_counters() = line.counters;
    to_order(order, line.sale, *change.add_orders());
    change.mutable_verdict()->set_outcome(v1::ACCEPTED);
    change.mutable_reserved();

    RecordWriter by_hand(9);
    const std::string written(by_hand.add_reserved(7, order.created, order, {}, line));
    ASSERT_EQ(written, change.orders(0).SerializeAsString());
    RecordWriter generated(9);
    generated.add_change(7, order.created, change);
    EXPECT_EQ(by_hand.digest(), generated.digest());
    const EncodedRecords mine = std::move(by_hand).finish();
    const EncodedRecords theirs = std::move(generated).finish();
    ASSERT_EQ(mine.front().bytes, theirs.front().bytes);
    ASSERT_EQ(mine.front().sku, theirs.front().sku);
  }
}

TEST_F(WrittenByHandTest, AnOrderReadAgainIsTheReservationThatItWasMadeFrom) {
  for (int i = 0; i < 1'000; ++i) {
    const SaleStock line = stock();
    const std::string user = text();
    v1::Order order;
    to_order(reservation(user), line.sale, order);
    v1::Order again;
    to_order(reservation_of(order), line.sale, again);
    ASSERT_EQ(order.SerializeAsString(), again.SerializeAsString());
    ASSERT_EQ(reservation_of(order).user_key.key, user_fingerprint(user));
  }
}

TEST_F(WrittenByHandTest, AVerdictIsWhatProtobufWouldWrite) {
  for (int i = 0; i < 10'000; ++i) {
    const Verdict verdict{.outcome = static_cast<v1::Outcome>(dice_() % 5),
                          .reason = static_cast<v1::Reason>(dice_() % 27),
                          .key = {number(), number()},
                          .content = number(),
                          .duplicate_of = number(),
                          .could_take = static_cast<std::int64_t>(number()),
                          .admin = dice_() % 2 == 0};
    v1::Verdict message;
    to_message(verdict, message);
    std::array<char, kVerdictBytesMax> bytes;
    wire::Cursor out(bytes.data());
    write_verdict(verdict, out);
    ASSERT_EQ(std::string_view(bytes.data(), static_cast<std::size_t>(out.at() - bytes.data())), message.SerializeAsString());
    v1::Verdict again;
    to_message(verdict_of(message), again);
    ASSERT_EQ(again.SerializeAsString(), message.SerializeAsString());
  }
}

}  // namespace
}  // namespace sluice
