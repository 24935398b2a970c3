#include "schemas/intent_format.h"

#include <gmock/gmock.h>
#include <google/protobuf/stubs/logging.h>
#include <google/protobuf/unknown_field_set.h>
#include <gtest/gtest.h>

#include "tests/schemas/golden_samples.h"

namespace sluice {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

v1::Intent sample(const std::string& name) {
  v1::Intent intent;
  EXPECT_TRUE(intent.ParseFromString(golden_bytes(name)));
  return intent;
}

// What is wrong with the sample after `spoil` has changed its part of kind T.
template <typename T>
std::string problem_after(T good, const std::function<void(T&)>& spoil) {
  EXPECT_THAT(problem_with(good), IsEmpty());
  spoil(good);
  return problem_with(good);
}

TEST(IntentFormatTest, FindsNothingWrongWithTheGoldenSamples) {
  EXPECT_THAT(problem_with(sample("intent_purchase").purchase()), IsEmpty());
  EXPECT_THAT(problem_with(sample("intent_pay").pay()), IsEmpty());
  EXPECT_THAT(problem_with(sample("intent_cancel").cancel()), IsEmpty());
  EXPECT_THAT(problem_with(sample("intent_refund").refund()), IsEmpty());
  EXPECT_THAT(problem_with(sample("intent_refund_settled").refund_settled()), IsEmpty());
  EXPECT_THAT(problem_with(sample("intent_due").due()), IsEmpty());
  EXPECT_THAT(problem_with(sample("intent_define_sale").define_sale()), IsEmpty());
  EXPECT_THAT(problem_with(sample("intent_adjust_stock").adjust_stock()), IsEmpty());
  EXPECT_THAT(problem_with(sample("intent_freeze").freeze()), IsEmpty());
}

TEST(IntentFormatTest, RefusesAPurchaseOutsideItsBounds) {
  const v1::Purchase good = sample("intent_purchase").purchase();
  const auto problem = [&](const std::function<void(v1::Purchase&)>& spoil) { return problem_after(good, spoil); };
  EXPECT_EQ(problem([](auto& p) { p.set_quantity(0); }), "quantity must be from 1 to 1000, it is 0");
  EXPECT_EQ(problem([](auto& p) { p.set_quantity(1001); }), "quantity must be from 1 to 1000, it is 1001");
  EXPECT_EQ(problem([](auto& p) { p.set_user(""); }), "user must have 1 to 64 bytes, it has 0");
  EXPECT_EQ(problem([](auto& p) { p.set_user(std::string(65, 'u')); }), "user must have 1 to 64 bytes, it has 65");
  EXPECT_EQ(problem([](auto& p) { p.set_request_key(""); }), "request key must have 1 to 64 bytes, it has 0");
  EXPECT_THAT(problem([](auto& p) { p.set_sku("mask/ffp2"); }), StartsWith("sku must be"));
}

// Protobuf writes such a string, with a complaint on stderr, and does not read it back: the intent would be unreadable.
TEST(IntentFormatTest, RefusesTextThatIsNoUtf8) {
  EXPECT_EQ(problem_after<v1::Purchase>(sample("intent_purchase").purchase(), [](auto& p) { p.set_request_key("k\xff"); }),
            "request key must be UTF-8");
  EXPECT_EQ(problem_after<v1::Cancel>(sample("intent_cancel").cancel(), [](auto& c) { c.set_user("\xc3("); }),
            "user must be UTF-8");
  EXPECT_EQ(problem_after<v1::AdjustStock>(sample("intent_adjust_stock").adjust_stock(), [](auto& a) { a.set_reason("\xff"); }),
            "reason must be UTF-8");
}

TEST(IntentFormatTest, TakesAPurchaseAtItsBounds) {
  v1::Purchase purchase = sample("intent_purchase").purchase();
  purchase.set_user(std::string(64, 'u'));
  purchase.set_request_key("k");
  purchase.set_sku(std::string(64, 's'));
  purchase.set_quantity(1000);
  EXPECT_THAT(problem_with(purchase), IsEmpty());
}

TEST(IntentFormatTest, RefusesWrongMoney) {
  const v1::Pay good = sample("intent_pay").pay();
  const auto problem = [&](const std::function<void(v1::Pay&)>& spoil) { return problem_after(good, spoil); };
  EXPECT_THAT(problem([](auto& p) { p.set_amount_minor(-1); }), StartsWith("amount_minor must be from 0 to "));
  EXPECT_THAT(problem([](auto& p) { p.set_payment_id(""); }), StartsWith("payment_id must have 1 to 64 bytes"));
  for (const char* currency : {"", "cny", "CN", "CNYY", "C1Y"}) {
    EXPECT_EQ(problem([&](auto& p) { p.set_currency(currency); }), "currency must be three capitals, as in ISO 4217");
  }
}

TEST(IntentFormatTest, TakesAPaymentThatNamesNoOrder) {
  EXPECT_THAT(problem_after<v1::Pay>(sample("intent_pay").pay(), [](auto& p) { p.set_order(0); }), IsEmpty());
}

TEST(IntentFormatTest, RefusesToActOnNoOrder) {
  EXPECT_EQ(problem_after<v1::Cancel>(sample("intent_cancel").cancel(), [](auto& c) { c.set_order(0); }),
            "order must not be 0");
  EXPECT_EQ(problem_after<v1::Refund>(sample("intent_refund").refund(), [](auto& r) { r.set_order(0); }),
            "order must not be 0");
  EXPECT_THAT(
      problem_after<v1::RefundSettled>(sample("intent_refund_settled").refund_settled(), [](auto& s) { s.clear_payment_id(); }),
      StartsWith("payment_id must have"));
}

TEST(IntentFormatTest, RefusesASaleOutsideItsBounds) {
  const v1::DefineSale good = sample("intent_define_sale").define_sale();
  const auto problem = [&](const std::function<void(v1::DefineSale&)>& spoil) { return problem_after(good, spoil); };
  EXPECT_THAT(problem([](auto& s) { s.set_sale_id(""); }), StartsWith("sale_id must have"));
  EXPECT_THAT(problem([](auto& s) { s.set_version(0); }), StartsWith("version must be from 1"));
  EXPECT_THAT(problem([](auto& s) { s.set_title(std::string(201, 't')); }), StartsWith("title must have at most 200"));
  EXPECT_THAT(problem([](auto& s) { s.set_price_minor(-1); }), StartsWith("price_minor must be"));
  EXPECT_THAT(problem([](auto& s) { s.set_limit_per_user(0); }), StartsWith("limit_per_user must be"));
  EXPECT_THAT(problem([](auto& s) { s.set_hold_seconds(0); }), StartsWith("hold_seconds must be"));
  EXPECT_THAT(problem([](auto& s) { s.clear_late_payment(); }), StartsWith("late_payment must be"));
}

TEST(IntentFormatTest, RefusesSlotsThatAreNoTimetable) {
  const v1::DefineSale good = sample("intent_define_sale").define_sale();
  const auto problem = [&](const std::function<void(v1::DefineSale&)>& spoil) { return problem_after(good, spoil); };
  EXPECT_EQ(problem([](auto& s) { s.clear_slots(); }), "the number of slots must be from 1 to 96, it is 0");
  EXPECT_EQ(problem([](auto& s) { s.mutable_slots(0)->set_closes_ms(s.slots(0).opens_ms()); }),
            "slots[0].closes must lie after its opens");
  EXPECT_EQ(problem([](auto& s) { s.mutable_slots(1)->set_opens_ms(s.slots(0).closes_ms() - 1); }),
            "slots[1].opens must not lie before the close of the slot before it");
  EXPECT_THAT(problem([](auto& s) { s.mutable_slots(1)->set_quantity(1'000'000'001); }),
              StartsWith("slots[1].quantity must be from 0 to 1000000000"));
}

TEST(IntentFormatTest, RefusesAnAdjustmentOfNothing) {
  const v1::AdjustStock good = sample("intent_adjust_stock").adjust_stock();
  EXPECT_EQ(problem_after<v1::AdjustStock>(good, [](auto& a) { a.set_delta(0); }), "delta must not be 0");
  EXPECT_THAT(problem_after<v1::AdjustStock>(good, [](auto& a) { a.set_delta(-kStockDeltaMax - 1); }),
              StartsWith("delta must be from -1000000000"));
}

TEST(IntentFormatTest, RefusesADueWithoutALimit) {
  EXPECT_EQ(problem_after<v1::Due>(sample("intent_due").due(), [](auto& d) { d.set_limit(0); }),
            "limit must be from 1 to 1000, it is 0");
}

TEST(SkuTest, CanStandInAKeyAUrlAndAMetric) {
  for (const char* good : {"a", "mask-ffp2", "A.b_C-9", "0"}) EXPECT_TRUE(is_sku(good)) << good;
  for (const char* bad : {"", "a b", "a/b", "a:b", "{a}", "ma\xc3\x9f", "a\n"}) EXPECT_FALSE(is_sku(bad)) << bad;
  EXPECT_TRUE(is_sku(std::string(64, 'x')));
  EXPECT_FALSE(is_sku(std::string(65, 'x')));
}

class ReadIntentTest : public testing::Test {
 protected:
  Readability read(const std::string& bytes) { return read_intent(bytes, intent_); }
  v1::Intent intent_ = sample("intent_pay");
};

TEST_F(ReadIntentTest, OverwritesTheObjectThatIsReused) {
  EXPECT_EQ(read(golden_bytes("intent_purchase")), Readability::kIntent);
  EXPECT_EQ(intent_.kind_case(), v1::Intent::kPurchase);
  EXPECT_EQ(intent_.purchase().user(), "alice");
}

TEST_F(ReadIntentTest, FindsNoIntentInOtherBytes) {
  EXPECT_EQ(read(""), Readability::kUnreadable);
  EXPECT_EQ(read("hello"), Readability::kUnreadable);
  EXPECT_EQ(read(std::string(100, '\xff')), Readability::kUnreadable);
  intent_ = sample("intent_pay");
  intent_.set_magic(kIntentMagic + 1);
  EXPECT_EQ(read(intent_.SerializeAsString()), Readability::kUnreadable);
  intent_.Clear();
  intent_.set_magic(kIntentMagic);
  EXPECT_EQ(read(intent_.SerializeAsString()), Readability::kUnreadable) << "no kind";
}

TEST_F(ReadIntentTest, FindsNoIntentInOneThatWasCutShort) {
  const google::protobuf::LogSilencer silent;  // it complains of titles that end inside a character
  const std::string bytes = golden_bytes("intent_define_sale");
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_EQ(read(bytes.substr(0, size)), Readability::kUnreadable) << size << " bytes";
  }
}

TEST_F(ReadIntentTest, TellsAKindOfANewerVersion) {
  v1::Intent newer;
  newer.set_magic(kIntentMagic);
  newer.GetReflection()->MutableUnknownFields(&newer)->AddLengthDelimited(11, "what comes next");
  EXPECT_EQ(read(newer.SerializeAsString()), Readability::kNewer);
}

TEST_F(ReadIntentTest, TellsAFieldOfANewerVersionInEveryKind) {
  for (const std::string& name : golden_samples()) {
    if (!name.starts_with("intent_")) continue;
    v1::Intent newer = sample(name);
    const auto& reflection = *newer.GetReflection();
    const auto* kind = reflection.GetOneofFieldDescriptor(newer, v1::Intent::descriptor()->FindOneofByName("kind"));
    auto* part = reflection.MutableMessage(&newer, kind);
    part->GetReflection()->MutableUnknownFields(part)->AddVarint(99, 1);
    EXPECT_EQ(read(newer.SerializeAsString()), Readability::kNewer) << name;
  }
  v1::Intent slot = sample("intent_define_sale");
  auto* part = slot.mutable_define_sale()->mutable_slots(1);
  part->GetReflection()->MutableUnknownFields(part)->AddVarint(99, 1);
  EXPECT_EQ(read(slot.SerializeAsString()), Readability::kNewer);
}

TEST(PurchaseInTest, FindsThePurchaseAndNothingElse) {
  for (const std::string& name : golden_samples()) {
    if (!name.starts_with("intent_")) continue;
    const std::string bytes = golden_bytes(name);
    const auto found = purchase_in(bytes);
    ASSERT_EQ(found.has_value(), name == "intent_purchase") << name;
    if (!found) continue;
    EXPECT_EQ(*found, sample(name).purchase().SerializeAsString());
  }
  EXPECT_FALSE(purchase_in("").has_value());
  EXPECT_FALSE(purchase_in(golden_bytes("intent_purchase") + golden_bytes("intent_pay")).has_value()) << "that is a Pay";
}

// The short way and the long way must rule alike, or a log would not give the same records twice.
TEST(PurchaseInTest, AgreesWithReadIntentOnEveryChangedByte) {
  const google::protobuf::LogSilencer silent;
  const std::string good = golden_bytes("intent_purchase");
  v1::Purchase purchase;
  v1::Intent intent;
  int found_again = 0;
  for (std::size_t place = 0; place < good.size(); ++place) {
    for (int value = 0; value < 256; ++value) {
      std::string bytes = good;
      bytes[place] = static_cast<char>(value);
      const auto found = purchase_in(bytes);
      if (!found || !purchase.ParseFromArray(found->data(), static_cast<int>(found->size()))) continue;
      const Readability expected = has_unknown_fields(purchase) ? Readability::kNewer : Readability::kIntent;
      ASSERT_EQ(read_intent(bytes, intent), expected) << place << " " << value;
      ASSERT_EQ(intent.purchase().SerializeAsString(), purchase.SerializeAsString()) << place << " " << value;
      ++found_again;
    }
  }
  EXPECT_GT(found_again, 1'000) << "most letters of a text may change";
}

}  // namespace
}  // namespace sluice
