#include "schemas/purchase_fields.h"

#include <google/protobuf/stubs/logging.h>
#include <gtest/gtest.h>

#include <random>

#include "schemas/intent_format.h"
#include "tests/schemas/golden_samples.h"

namespace sluice {
namespace {

std::string intent_bytes(const std::string& sku, const std::string& user, const std::string& key, std::uint32_t quantity) {
  v1::Intent intent;
  intent.set_magic(kIntentMagic);
  intent.mutable_purchase()->set_sku(sku);
  intent.mutable_purchase()->set_user(user);
  intent.mutable_purchase()->set_request_key(key);
  intent.mutable_purchase()->set_quantity(quantity);
  return intent.SerializeAsString();
}

void expect_same(const PurchaseFields& fields, const v1::Purchase& purchase) {
  EXPECT_EQ(fields.sku, purchase.sku());
  EXPECT_EQ(fields.user, purchase.user());
  EXPECT_EQ(fields.request_key, purchase.request_key());
  EXPECT_EQ(fields.quantity, purchase.quantity());
}

// Whatever it reads, the generated code reads too, and alike: otherwise a log would not give the same records twice.
// Returns whether it read the bytes.
bool agrees_with_protobuf(const std::string& bytes) {
  const auto fields = read_purchase(bytes);
  if (!fields) return false;
  v1::Intent intent;
  EXPECT_EQ(read_intent(bytes, intent), Readability::kIntent);
  EXPECT_TRUE(intent.has_purchase());
  expect_same(*fields, intent.purchase());
  return true;
}

TEST(ReadPurchaseTest, ReadsWhatWritersWrite) {
  EXPECT_TRUE(agrees_with_protobuf(golden_bytes("intent_purchase")));
  for (const std::uint32_t quantity : {1U, 127U, 128U, 1000U, 16383U}) {
    EXPECT_TRUE(agrees_with_protobuf(intent_bytes("mask", "alice", "k1", quantity))) << quantity;
  }
  EXPECT_TRUE(agrees_with_protobuf(intent_bytes(std::string(64, 's'), std::string(64, 'u'), std::string(64, 'k'), 1)));
  EXPECT_TRUE(agrees_with_protobuf(intent_bytes("s", "u", std::string(127, 'k'), 1))) << "which is too long, as a ruling says";
}

TEST(ReadPurchaseTest, LeavesAloneWhatIsUnusual) {
  const std::string good = intent_bytes("mask", "alice", "k1", 1);
  for (const std::string& bytes :
       {std::string(), good + "x", good.substr(1), good.substr(0, good.size() - 1), good + good,
        intent_bytes("", "alice", "k1", 1), intent_bytes("mask", "", "k1", 1), intent_bytes("mask", "alice", "", 1),
        intent_bytes("mask", "alice", "k1", 0), intent_bytes("mask", "alice", "k1", 16384),
        intent_bytes("mask", "alice", std::string(128, 'k'), 1), intent_bytes("mask", "\xc3\xa9lise", "k1", 1)}) {
    EXPECT_FALSE(read_purchase(bytes).has_value());
  }
  for (const std::string& name : golden_samples()) {
    if (name == "intent_purchase") continue;
    EXPECT_FALSE(read_purchase(golden_bytes(name)).has_value()) << name;
  }
}

TEST(ReadPurchaseTest, AgreesWithProtobufOnEveryChangedByte) {
  const google::protobuf::LogSilencer silent;
  const std::string good = intent_bytes("mask", "alice", "k1", 300);
  int read = 0;
  for (std::size_t place = 0; place < good.size(); ++place) {
    for (int value = 0; value < 256; ++value) {
      std::string bytes = good;
      bytes[place] = static_cast<char>(value);
      if (agrees_with_protobuf(bytes)) ++read;
    }
  }
  EXPECT_GT(read, 1'000) << "most letters of a text may change";
}

TEST(ReadPurchaseTest, AgreesWithProtobufOnWhatIsTornAndJoined) {
  const google::protobuf::LogSilencer silent;
  std::mt19937 dice(7);  // NOLINT(cert-msc51-cpp): the same each time
  const std::string good = intent_bytes("mask", "alice", "k1", 2) + intent_bytes("soap", "bob", "k2", 3);
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes = good.substr(dice() % good.size(), dice() % good.size());
    for (auto changes = dice() % 3; changes > 0 && !bytes.empty(); --changes) {
      bytes[dice() % bytes.size()] = static_cast<char>(dice());
    }
    bytes.insert(dice() % (bytes.size() + 1), good.substr(0, dice() % good.size()));
    agrees_with_protobuf(bytes);
  }
}

TEST(IsWellFormedTest, SaysWhatProblemWithSays) {
  std::mt19937 dice(7);  // NOLINT(cert-msc51-cpp): the same each time
  const std::vector<std::string> texts = {
      "", "mask", "A.b_C-9", "a b", "\xc3\xa9", "k\xff", std::string(64, 'x'), std::string(65, 'x'), "12345678\xff"};
  const std::vector<std::uint32_t> quantities = {0, 1, kQuantityMax, kQuantityMax + 1};
  int good = 0;
  for (int i = 0; i < 10'000; ++i) {
    v1::Purchase purchase;
    purchase.set_sku(texts[dice() % texts.size()]);
    purchase.set_user(texts[dice() % texts.size()]);
    purchase.set_request_key(texts[dice() % texts.size()]);
    purchase.set_quantity(quantities[dice() % quantities.size()]);
    ASSERT_EQ(is_well_formed(fields_of(purchase)), problem_with(purchase).empty()) << purchase.ShortDebugString();
    if (is_well_formed(fields_of(purchase))) ++good;
  }
  EXPECT_GT(good, 100);
}

}  // namespace
}  // namespace sluice
