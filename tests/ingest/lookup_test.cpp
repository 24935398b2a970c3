#include "ingest/lookup.h"

#include <gmock/gmock.h>

namespace sluice {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr Generation kGeneration{1};
constexpr Partition kPartition{2};
const std::string kUser = "u-1";

Ticket ticket(Offset offset) { return Ticket::of(kPartition, Position::at(kGeneration, offset)); }

// The tail began at offset 100; what is asked about is older.
class LookupTest : public ::testing::Test {
 protected:
  void SetUp() override {
    take([](v1::Change&) {});
  }

  template <typename Fill>
  void take(Fill fill) {
    v1::OrderRecord record;
    record.set_first_offset(static_cast<std::uint64_t>(next_));
    record.set_last_offset(static_cast<std::uint64_t>(next_++));
    fill(*record.mutable_change());
    verdicts_.take(record, 0, 0);
  }
  void order_changes(Offset id, v1::OrderStatus status) {
    take([&](v1::Change& change) {
      v1::Order& order = *change.add_orders();
      order.set_id(ticket(id).value);
      order.set_user(kUser);
      order.set_status(status);
    });
  }
  void refund_is_due(Offset id) {
    take([&](v1::Change& change) {
      v1::Payment& payment = *change.add_payments();
      payment.set_id("p-new");
      payment.set_order(ticket(id).value);
      payment.set_end(v1::PAYMENT_REFUND_DUE);
    });
  }
  static StoredOrder found(Offset id, v1::OrderStatus status) {
    StoredOrder stored{.known = StoredOrder::Known::kFound, .id = ticket(id)};
    stored.order = {.status = status, .user = kUser, .version = Position::at(kGeneration, 10), .whole = true};
    add_refund(stored.order, {.payment_id = "p-old"});
    return stored;
  }
  HttpAnswer told(const StoredOrder& stored, Offset asked = 5, const std::string& user = kUser) {
    return answer_from_store(stored, verdicts_, ids_, {ticket(asked), user}, ticket(asked));
  }

  Offset next_ = 100;
  PublicIds ids_{{"0123456789abcdef"}};
  Verdicts verdicts_{kGeneration, kPartition, {.verdicts = 64, .orders = 8}};
};

TEST_F(LookupTest, AsksTheStoreForAnOrderOfWhichItHasNotSeenAll) {
  order_changes(5, v1::PAID);
  const LookedUp asked = look_up(verdicts_, ids_, {ticket(5), kUser});
  ASSERT_TRUE(std::holds_alternative<AskStore>(asked)) << "refunds from before would be missing";
  EXPECT_EQ(std::get<AskStore>(asked).order, ticket(5));
}

TEST_F(LookupTest, PutsTogetherWhatTheStoreHasAndWhatCameSince) {
  order_changes(5, v1::PAID);
  refund_is_due(5);
  const HttpAnswer answer = told(found(5, v1::HELD));
  EXPECT_THAT(answer.body, HasSubstr(R"("status":"paid")"));
  EXPECT_THAT(answer.body, HasSubstr(R"("payment_id":"p-new")"));
  EXPECT_THAT(answer.body, HasSubstr(R"("payment_id":"p-old")"));
}

TEST_F(LookupTest, TellsHowAnOrderStandsAlsoWhenTheStoreDoesNot) {
  order_changes(5, v1::PAID);
  EXPECT_THAT(told({}).body, HasSubstr(R"("status":"paid")"));
}

TEST_F(LookupTest, DoesNotTellOfAnOrderOfWhichItHasSeenAPaymentAlone) {
  refund_is_due(5);
  EXPECT_EQ(told({}).status, 503);
}

TEST_F(LookupTest, NamesTheOrderThatAnOlderRequestRepeated) {
  const HttpAnswer answer = told(found(4, v1::PAID), 5);
  const std::string order = ids_.write(ticket(4), kUser);
  EXPECT_THAT(answer.body,
              HasSubstr(R"("ticket":")" + ids_.write(ticket(5), kUser) + R"(","status":"paid","order":")" + order));
  EXPECT_THAT(answer.body, HasSubstr(R"("duplicate_of":")" + order));
}

TEST_F(LookupTest, ShowsAnOrderToItsUserOnly) { EXPECT_EQ(told(found(5, v1::PAID), 5, "u-2").status, 404); }

TEST_F(LookupTest, SaysThatNoOrderCameOnlyWhereTheStoreKnowsIt) {
  EXPECT_THAT(told({.known = StoredOrder::Known::kNone}).body, HasSubstr(R"("reason":"no_longer_kept")"));
  EXPECT_THAT(told({.known = StoredOrder::Known::kMissing}).body, HasSubstr(R"("status":"archived")"));
  EXPECT_EQ(told({.known = StoredOrder::Known::kNotTelling}).status, 503);
}

TEST_F(LookupTest, BelievesTheVerdictMoreThanAStoreThatKnowsOfNoOrder) {
  order_changes(101, v1::HELD);  // and forgotten, as nothing keeps more than 8 orders
  for (Offset id = 0; id < 8; ++id) order_changes(id, v1::PAID);
  for (const auto known : {StoredOrder::Known::kNone, StoredOrder::Known::kMissing}) {
    EXPECT_EQ(told({.known = known}, 101).status, 503);
  }
}

}  // namespace
}  // namespace sluice
