#include "ingest/token.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <jwt.h>

#include <cstdlib>
#include <memory>

namespace sluice {
namespace {

using ::testing::HasSubstr;

constexpr const char* kSecret = "0123456789abcdef0123456789abcdef";
constexpr UnixMillis kNow = 1'700'000'000'000;
constexpr long kLater = 1'700'000'060;

struct Claims {
  const char* sub = "u-1";
  long exp = kLater;
  long nbf = 0;
  const char* scope = nullptr;
  jwt_alg_t algorithm = JWT_ALG_HS256;
  const char* secret = kSecret;
};

std::string bearer(const Claims& claims) {
  jwt_t* token = nullptr;
  EXPECT_EQ(jwt_new(&token), 0);
  if (claims.sub != nullptr) jwt_add_grant(token, "sub", claims.sub);
  if (claims.exp != 0) jwt_add_grant_int(token, "exp", claims.exp);
  if (claims.nbf != 0) jwt_add_grant_int(token, "nbf", claims.nbf);
  if (claims.scope != nullptr) jwt_add_grant(token, "scope", claims.scope);
  const auto* key = reinterpret_cast<const unsigned char*>(claims.secret);
  const int size = claims.algorithm == JWT_ALG_NONE ? 0 : static_cast<int>(std::string(claims.secret).size());
  EXPECT_EQ(jwt_set_alg(token, claims.algorithm, claims.algorithm == JWT_ALG_NONE ? nullptr : key, size), 0);
  const std::unique_ptr<char, void (*)(void*)> text(jwt_encode_str(token), std::free);
  jwt_free(token);
  return "Bearer " + std::string(text.get());
}

class TokenTest : public ::testing::Test {
 protected:
  std::string user(const std::string& header) {
    auto checked = tokens_.user(header, kNow);
    if (auto* refusal = std::get_if<Refusal>(&checked)) {
      ADD_FAILURE() << refusal->detail;
      return {};
    }
    return std::get<std::string>(checked);
  }
  Refusal refused(const std::string& header) {
    auto checked = tokens_.user(header, kNow);
    if (auto* found = std::get_if<std::string>(&checked)) {
      ADD_FAILURE() << header << " proves " << *found;
      return {};
    }
    return std::get<Refusal>(checked);
  }
  TokenCheck tokens_{kSecret};
};

TEST_F(TokenTest, ProvesItsSubject) {
  EXPECT_EQ(user(bearer({})), "u-1");
  EXPECT_EQ(user(bearer({.sub = "买家 1"})), "买家 1");
}

TEST_F(TokenTest, IsReadWhateverTheCaseOfTheScheme) {
  std::string header = bearer({});
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

TEST_F(TokenTest, IsRefusedWhenItNeverExpires) { EXPECT_THAT(refused(bearer({.exp = 0})).detail, HasSubstr("no exp")); }

TEST_F(TokenTest, IsRefusedBeforeItsTime) { EXPECT_THAT(refused(bearer({.nbf = kLater})).detail, HasSubstr("not valid yet")); }

TEST_F(TokenTest, IsRefusedWithAnotherSignature) {
  EXPECT_THAT(refused(bearer({.secret = "another secret, just as long as it"})).detail, HasSubstr("signature"));
}

TEST_F(TokenTest, IsRefusedWithAnotherAlgorithm) {
  refused(bearer({.algorithm = JWT_ALG_NONE}));
  EXPECT_THAT(refused(bearer({.algorithm = JWT_ALG_HS384})).detail, HasSubstr("HS256"));
}

TEST_F(TokenTest, IsRefusedWithAnyByteChanged) {
  const std::string good = bearer({});
  for (std::size_t i = 7; i < good.size() - 1; ++i) {
    std::string changed = good;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    refused(changed);
  }
  for (std::size_t size = 0; size < good.size(); ++size) refused(good.substr(0, size));
}

TEST_F(TokenTest, IsRefusedWithoutAUsableSubject) {
  refused(bearer({.sub = nullptr}));
  refused(bearer({.sub = ""}));
  refused(bearer({.sub = "a\nb"}));
  const std::string longest(64, 'u');
  EXPECT_EQ(user(bearer({.sub = longest.c_str()})), longest);
  const std::string too_long(65, 'u');
  refused(bearer({.sub = too_long.c_str()}));
}

TEST_F(TokenTest, IsRefusedWhenItIsHuge) { refused("Bearer " + std::string(5000, 'a')); }

TEST(TokenScope, IsRequiredWhenOneIsSet) {
  const TokenCheck tokens(kSecret, "orders");
  EXPECT_TRUE(std::holds_alternative<std::string>(tokens.user(bearer({.scope = "read orders"}), kNow)));
  for (const char* scope : {static_cast<const char*>(nullptr), "", "order", "orders2 read"}) {
    const auto checked = tokens.user(bearer({.scope = scope}), kNow);
    ASSERT_TRUE(std::holds_alternative<Refusal>(checked));
    EXPECT_EQ(std::get<Refusal>(checked).problem, Problem::kForbidden);
  }
}

}  // namespace
}  // namespace sluice
