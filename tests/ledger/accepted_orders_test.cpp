#include "ledger/accepted_orders.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <random>

namespace sluice {
namespace {

const LedgerIdentity kIdentity{.partition = {3}, .generation = {2}, .partition_count = 8};

Reservation order_at(Offset offset, std::string_view user, UnixMillis created = 1000, std::uint32_t hold_seconds = 60) {
  return {.id = kIdentity.ticket(offset).value,
          .user = user,
          .user_key = user_fingerprint(user),
          .quantity = 2,
          .amount_minor = 500 + offset,
          .created = created,
          .hold_seconds = hold_seconds,
          .key = Fingerprint{static_cast<std::uint64_t>(offset), 1},
          .content = 2};
}

HashedKey key_at(Offset offset) { return Fingerprint{static_cast<std::uint64_t>(offset), 1}; }

std::vector<Offset> offsets(const std::vector<Reservation>& orders) {
  std::vector<Offset> offsets;
  for (const Reservation& order : orders) offsets.push_back(Ticket{order.id}.position().offset());
  return offsets;
}

TEST(AcceptedOrdersTest, FindsAHeldOrderWholeByItsIdAndByItsKey) {
  AcceptedOrders orders(kIdentity);
  for (Offset offset = 5; offset < 5'000; offset += 3) orders.add(order_at(offset, fmt::format("user-{}", offset)), 1);
  const Offset some = 5 + 3 * 1'100;
  const auto held = orders.find_held(kIdentity.ticket(some).value);
  ASSERT_TRUE(held.has_value());
  EXPECT_EQ(held->line, 1U);
  EXPECT_EQ(held->order.user, fmt::format("user-{}", some));
  EXPECT_EQ(held->order.amount_minor, 500 + some);
  EXPECT_EQ(held->order.deadline(), 61'000);
  EXPECT_EQ(held->order.key.key, key_at(some).key);
  EXPECT_EQ(held->order.quantity, 2U);
  EXPECT_EQ(orders.id_of(*orders.find(key_at(some))), kIdentity.ticket(some).value);
  EXPECT_EQ(orders.find(key_at(some + 1)), nullptr);
  EXPECT_FALSE(orders.is_held(kIdentity.ticket(some + 1).value));
  EXPECT_FALSE(orders.is_held(kIdentity.ticket(0).value));
}

TEST(AcceptedOrdersTest, FindsNoOrderOfAnotherPartitionOrGeneration) {
  AcceptedOrders orders(kIdentity);
  orders.add(order_at(5, "alice"), 0);
  EXPECT_TRUE(orders.is_held(kIdentity.ticket(5).value));
  EXPECT_FALSE(orders.is_held(Ticket::of({4}, Position::at({2}, 5)).value));
  EXPECT_FALSE(orders.is_held(Ticket::of({3}, Position::at({1}, 5)).value));
}

TEST(AcceptedOrdersTest, TakesNothingThatNoLedgerWrites) {
  AcceptedOrders orders(kIdentity);
  const Reservation good = order_at(5, "alice");
  const auto spoilt = [&](auto spoil) {
    Reservation order = good;
    spoil(order);
    return orders.can_add(order);
  };
  const std::string long_name(65, 'u');
  EXPECT_TRUE(orders.can_add(good));
  EXPECT_FALSE(spoilt([](Reservation& o) { o.id = Ticket::of({4}, Position::at({2}, 5)).value; }));
  EXPECT_FALSE(spoilt([](Reservation& o) { o.content = 1; }));
  EXPECT_FALSE(spoilt([](Reservation& o) { o.quantity = 1001, o.content = 1001; }));
  EXPECT_FALSE(spoilt([&](Reservation& o) { o.user = long_name; }));
  orders.add(good, 0);
  EXPECT_FALSE(orders.can_add(good)) << "ids ascend";
}

TEST(AcceptedOrdersTest, KeepsTheKeyOfAnOrderThatIsClosed) {
  AcceptedOrders orders(kIdentity);
  orders.add(order_at(5, "alice"), 0);
  orders.close(kIdentity.ticket(5).value);
  orders.close(kIdentity.ticket(5).value);
  EXPECT_EQ(orders.held(), 0U);
  EXPECT_FALSE(orders.has_held(0));
  ASSERT_NE(orders.find(key_at(5)), nullptr);
  orders.add_alias(key_at(5));
  EXPECT_EQ(orders.find(key_at(5))->aliases, 1U);
}

TEST(AcceptedOrdersTest, SaysWhatIsDueInTheOrderOfDeadlines) {
  AcceptedOrders orders(kIdentity);
  orders.add(order_at(1, "a", 1'000, 60), 0);
  orders.add(order_at(2, "b", 2'000, 10), 0);  // an amendment made holds shorter
  orders.add(order_at(3, "c", 3'000, 10), 1);
  orders.add(order_at(4, "d", 51'000, 10), 0);  // due with the first one
  orders.add(order_at(5, "e", 52'000, 10), 0);
  EXPECT_EQ(offsets(orders.due(0, 100'000, 10)), (std::vector<Offset>{2, 1, 4, 5}));
  EXPECT_EQ(offsets(orders.due(0, 61'000, 10)), (std::vector<Offset>{2, 1, 4}));
  EXPECT_EQ(offsets(orders.due(0, 100'000, 2)), (std::vector<Offset>{2, 1}));
  EXPECT_TRUE(orders.due(0, 11'999, 10).empty());
  EXPECT_TRUE(orders.due(7, 100'000, 10).empty());
  orders.close(kIdentity.ticket(4).value);
  orders.close(kIdentity.ticket(2).value);
  EXPECT_EQ(offsets(orders.due(0, 100'000, 10)), (std::vector<Offset>{1, 5}));
}

TEST(AcceptedOrdersTest, ForgetsOneLineAndKeepsTheOthersAsTheyWere) {
  AcceptedOrders orders(kIdentity);
  for (Offset offset = 0; offset < 4'000; ++offset) {
    orders.add(order_at(offset, fmt::format("user-{}", offset)), static_cast<std::uint32_t>(offset % 2));
    if (offset % 2 == 0 || offset % 5 == 0) orders.close(kIdentity.ticket(offset).value);
  }
  orders.add_alias(key_at(3));
  const std::vector<Offset> due = offsets(orders.due(1, 100'000, 5'000));
  orders.forget(0);
  EXPECT_EQ(orders.size(), 2'000U);
  EXPECT_EQ(orders.find(key_at(2)), nullptr);
  ASSERT_NE(orders.find(key_at(3)), nullptr);
  EXPECT_EQ(orders.find(key_at(3))->aliases, 1U);
  EXPECT_EQ(orders.find_held(kIdentity.ticket(3'999).value)->order.user, "user-3999");
  EXPECT_FALSE(orders.is_held(kIdentity.ticket(5).value)) << "it was closed";
  EXPECT_EQ(offsets(orders.due(1, 100'000, 5'000)), due);
  orders.add(order_at(4'000, "next"), 0);
  EXPECT_TRUE(orders.is_held(kIdentity.ticket(4'000).value));
}

// Against a plain map, with every chunk emptied and some freed along the way.
TEST(AcceptedOrdersTest, HoldsAndClosesAsAMapWould) {
  std::mt19937 dice(7);  // NOLINT(cert-msc51-cpp): the same each time
  AcceptedOrders orders(kIdentity);
  std::map<std::pair<UnixMillis, Offset>, std::string> held[2];
  Offset next = 0;
  for (int step = 0; step < 20'000; ++step) {
    const std::uint32_t line = dice() % 2;
    const bool draining = step / 4'000 % 2 == 1;
    if (!held[line].empty() && dice() % 4 < (draining ? 3U : 1U)) {
      const auto some = std::next(held[line].begin(), static_cast<std::ptrdiff_t>(dice() % held[line].size()));
      orders.close(kIdentity.ticket(some->first.second).value);
      held[line].erase(some);
    } else {
      const Reservation order = order_at(next, "someone", 1'000 * next, dice() % 2 == 0 ? 100 : 300);
      orders.add(order, line);
      held[line].emplace(std::pair(order.deadline(), next++), "someone");
    }
    ASSERT_EQ(orders.held(), held[0].size() + held[1].size());
    if (step % 50 != 0) continue;
    const UnixMillis through = 1'000 * next;
    std::vector<Offset> expected;
    for (const auto& [when, user] : held[line]) {
      if (when.first <= through && expected.size() < 20) expected.push_back(when.second);
    }
    ASSERT_EQ(offsets(orders.due(line, through, 20)), expected) << "step " << step;
  }
}

}  // namespace
}  // namespace sluice
