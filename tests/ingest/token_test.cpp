#include "ingest/token.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/ingest/bearer.h"

namespace sluice {
namespace {

using ::testing::HasSubstr;

constexpr const char* kSecret = "0123456789abcdef0123456789abcdef";
constexpr UnixMillis kNow = 1'700'000'000'000;
constexpr long kLater = 1'700'000'060;

class TokenTest : public ::testing::Test {
 protected:
  std::string user(const std::string& header) {
    auto checked = tokens_.user(header, Role::kBuyer, kNow);
    if (auto* refusal = std::get_if<Refusal>(&checked)) {
      ADD_FAILURE() << refusal->detail;
      return {};
    }
    return std::get<std::string>(checked);
  }
  Refusal refused(const std::string& header) {
    auto checked = tokens_.user(header, Role::kBuyer, kNow);
    if (auto* found = std::get_if<std::string>(&checked)) {
      ADD_FAILURE() << header << " proves " << *found;
      return {};
    }
    return std::get<Refusal>(checked);
  }
  TokenCheck tokens_{kSecret, {}};
};

TEST_F(TokenTest, ProvesItsSubject) {
  EXPECT_EQ(user(bearer({.exp = kLater})), "u-1");
  EXPECT_EQ(user(bearer({.sub = "买家 1", .exp = kLater})), "买家 1");
}

TEST_F(TokenTest, IsReadWhateverTheCaseOfTheScheme) {
  std::string header = bearer({.exp = kLater});
  header.replace(0, 6, "bEARER");
  EXPECT_EQ(user(header), "u-1");
}

TEST_F(TokenTest, IsRefusedWhenItIsMissingOrOfAnotherScheme) {
  for (const char* header : {"", "Bearer", "Bearer ", "Bearer    ", "Basic dTpw", "u-1"}) {
    EXPECT_THAT(refused(header).detail, HasSubstr("Send the header")) << header;
  }
}

TEST_F(TokenTest, IsRefusedWhenItHasExpired) {
  EXPECT_THAT(refused(bearer({.exp = 1'699'999'999})).detail, HasSubstr("expired"));
  EXPECT_THAT(refused(bearer({.exp = 1'700'000'000})).detail, HasSubstr("expired"));
}

TEST_F(TokenTest, IsRefusedWhenItNeverExpires) { EXPECT_THAT(refused(bearer({})).detail, HasSubstr("no exp")); }

TEST_F(TokenTest, IsRefusedBeforeItsTime) {
  EXPECT_THAT(refused(bearer({.exp = kLater, .nbf = kLater})).detail, HasSubstr("not valid yet"));
}

TEST_F(TokenTest, IsRefusedWithAnotherSignature) {
  EXPECT_THAT(refused(bearer({.exp = kLater, .secret = "another secret, just as long as it"})).detail, HasSubstr("signature"));
}

TEST_F(TokenTest, IsRefusedWithAnotherAlgorithm) {
  refused(bearer({.exp = kLater, .algorithm = JWT_ALG_NONE}));
  EXPECT_THAT(refused(bearer({.exp = kLater, .algorithm = JWT_ALG_HS384})).detail, HasSubstr("HS256"));
}

TEST_F(TokenTest, IsRefusedWithAnyByteChanged) {
  const std::string good = bearer({.exp = kLater});
  for (std::size_t i = 7; i < good.size() - 1; ++i) {
    std::string changed = good;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    refused(changed);
  }
  for (std::size_t size = 0; size < good.size(); ++size) refused(good.substr(0, size));
}

TEST_F(TokenTest, IsRefusedWithoutAUsableSubject) {
  refused(bearer({.sub = nullptr, .exp = kLater}));
  refused(bearer({.sub = "", .exp = kLater}));
  refused(bearer({.sub = "a\nb", .exp = kLater}));
  const std::string longest(64, 'u');
  EXPECT_EQ(user(bearer({.sub = longest.c_str(), .exp = kLater})), longest);
  const std::string too_long(65, 'u');
  refused(bearer({.sub = too_long.c_str(), .exp = kLater}));
}

TEST_F(TokenTest, IsRefusedWhenItIsHuge) { refused("Bearer " + std::string(5000, 'a')); }

TEST(TokenScope, OfAnAdministratorIsAskedOfAdministratorsAlone) {
  const TokenCheck tokens(kSecret, {.buyer = "orders", .admin = "sluice:admin"});
  const auto checked = [&](const char* scope, Role role) {
    return tokens.user(bearer({.exp = kLater, .scope = scope}), role, kNow);
  };
  EXPECT_TRUE(std::holds_alternative<std::string>(checked("sluice:admin", Role::kAdmin)));
  EXPECT_TRUE(std::holds_alternative<Refusal>(checked("sluice:admin", Role::kBuyer)));
  for (const char* scope :
       {static_cast<const char*>(nullptr), "", "orders", "sluice:administrator", "sluice", "SLUICE:ADMIN"}) {
    const auto refused = checked(scope, Role::kAdmin);
    ASSERT_TRUE(std::holds_alternative<Refusal>(refused)) << scope;
    EXPECT_EQ(std::get<Refusal>(refused).problem, Problem::kForbidden);
  }
}

TEST(TokenScope, IsRequiredWhenOneIsSet) {
  const TokenCheck tokens(kSecret, {.buyer = "orders"});
  EXPECT_TRUE(
      std::holds_alternative<std::string>(tokens.user(bearer({.exp = kLater, .scope = "read orders"}), Role::kBuyer, kNow)));
  for (const char* scope : {static_cast<const char*>(nullptr), "", "order", "orders2 read"}) {
    const auto checked = tokens.user(bearer({.exp = kLater, .scope = scope}), Role::kBuyer, kNow);
    ASSERT_TRUE(std::holds_alternative<Refusal>(checked));
    EXPECT_EQ(std::get<Refusal>(checked).problem, Problem::kForbidden);
  }
}

}  // namespace
}  // namespace sluice
