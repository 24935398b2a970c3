#include "ingest/purchase_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace sluice {
namespace {

using ::testing::HasSubstr;

class PurchaseJsonTest : public ::testing::Test {
 protected:
  PurchaseBody accepted(std::string_view body) {
    auto read = json_.read(body);
    if (auto* refusal = std::get_if<Refusal>(&read)) {
      ADD_FAILURE() << body << " was refused: " << refusal->detail;
      return {};
    }
    return std::get<PurchaseBody>(read);
  }

  Refusal refused(std::string_view body) {
    auto read = json_.read(body);
    if (std::holds_alternative<PurchaseBody>(read)) {
      ADD_FAILURE() << body << " was accepted";
      return {};
    }
    return std::get<Refusal>(read);
  }

  void expect_malformed(std::string_view body, const std::string& part) {
    const Refusal refusal = refused(body);
    EXPECT_EQ(refusal.problem, Problem::kMalformedBody) << body << ": " << refusal.detail;
    EXPECT_THAT(refusal.detail, HasSubstr(part)) << body;
  }

  void expect_bad_field(std::string_view body, const std::string& part) {
    const Refusal refusal = refused(body);
    EXPECT_EQ(refusal.problem, Problem::kBadField) << body << ": " << refusal.detail;
    EXPECT_THAT(refusal.detail, HasSubstr(part)) << body;
  }

  PurchaseJson json_;
};

TEST_F(PurchaseJsonTest, ReadsBothFieldsInAnyOrderAndSpacing) {
  EXPECT_EQ(accepted(R"({"sku":"mask-1","quantity":2})").sku, "mask-1");
  EXPECT_EQ(accepted(R"({"sku":"mask-1","quantity":2})").quantity, 2U);
  EXPECT_EQ(accepted("\n{ \"quantity\" : 7 ,\t\"sku\" : \"mask-2\" } \r\n").quantity, 7U);
  EXPECT_EQ(accepted(R"({"quantity":4294967295,"sku":""})").quantity, 4294967295U);
}

TEST_F(PurchaseJsonTest, UnderstandsEscapesInNamesAndValues) {
  EXPECT_EQ(accepted(R"({"sk\u0075":"m\u0061sk","quantity":1})").sku, "mask");
}

TEST_F(PurchaseJsonTest, IsUsableAgainAfterEveryRefusal) {
  refused("{");
  refused(R"({"sku":"a","quantity":-1})");
  EXPECT_EQ(accepted(R"({"sku":"b","quantity":1})").sku, "b");
}

TEST_F(PurchaseJsonTest, RefusesTextThatIsNoJson) {
  for (const std::string_view body :
       {"{", "}", "{\"sku\"", R"({"sku":"a","quantity":1)", R"({"sku":"a" "quantity":1})", R"({"sku":"a","quantity":1,})",
        R"({"sku":"a,"quantity":1})", R"({sku:"a","quantity":1})", R"({'sku':'a','quantity':1})", R"({"sku":a,"quantity":1})",
        R"({"sku":"a","quantity":})", R"({"sku":"a","quantity":1x})", R"({"sku":"a","quantity":01})",
        R"({"sku":"a","quantity":+1})", R"({"sku":"a","quantity":NaN})", R"({,"sku":"a","quantity":1})", "nonsense", "\x01"}) {
    EXPECT_EQ(refused(body).problem, Problem::kMalformedBody) << body << ": " << refused(body).detail;
  }
}

TEST_F(PurchaseJsonTest, RefusesAnEmptyBody) {
  expect_malformed("", "empty");
  expect_malformed("   \n", "must be one JSON object");
}

TEST_F(PurchaseJsonTest, RefusesWhatIsNoObject) {
  expect_malformed("[]", "it is an array");
  expect_malformed("\"mask\"", "it is a string");
  expect_malformed("1", "it is a number");
  expect_malformed("null", "it is null");
  expect_malformed("true", "it is a boolean");
}

TEST_F(PurchaseJsonTest, RefusesASecondValueAfterTheObject) {
  refused(R"({"sku":"a","quantity":1}{"sku":"a","quantity":1})");
  expect_malformed(R"({"sku":"a","quantity":1} null)", "");
  expect_malformed(R"({"sku":"a","quantity":1}])", "");
}

TEST_F(PurchaseJsonTest, RefusesBytesThatAreNotUtf8) {
  expect_malformed("{\"sku\":\"a\xFF\",\"quantity\":1}", "not UTF-8");
  expect_malformed("{\"sku\":\"\xC0\xAF\",\"quantity\":1}", "not UTF-8");
  expect_malformed("{\"sku\":\"\xED\xA0\x80\",\"quantity\":1}", "not UTF-8");
}

TEST_F(PurchaseJsonTest, RefusesMalformedEscapes) {
  expect_malformed(R"({"sku":"\x","quantity":1})", "escape");
  expect_malformed(R"({"sku":"\ud800","quantity":1})", "escape");
}

TEST_F(PurchaseJsonTest, RefusesAFieldThatStandsThereTwice) {
  expect_malformed(R"({"sku":"a","sku":"b","quantity":1})", "sku stands there twice");
  expect_malformed(R"({"sku":"a","quantity":1,"quantity":1})", "quantity stands there twice");
  expect_malformed(R"({"sku":"a","quantity":1,"quant\u0069ty":2})", "quantity stands there twice");
}

TEST_F(PurchaseJsonTest, RefusesUnknownFieldsByName) {
  expect_bad_field(R"({"sku":"a","quantity":1,"price":0})", "price is not known");
  expect_bad_field(R"({"SKU":"a","quantity":1})", "SKU is not known");
  expect_bad_field("{\"" + std::string(3000, 'n') + "\":1}", "with the long name");
  expect_bad_field(R"({"":1})", "is not known");
}

TEST_F(PurchaseJsonTest, RefusesMissingFieldsByName) {
  expect_bad_field("{}", "sku is missing");
  expect_bad_field(R"({"sku":"a"})", "quantity is missing");
  expect_bad_field(R"({"quantity":1})", "sku is missing");
}

TEST_F(PurchaseJsonTest, RefusesFieldsOfAnotherKind) {
  expect_bad_field(R"({"sku":1,"quantity":1})", "sku must be a string, it is a number");
  expect_bad_field(R"({"sku":null,"quantity":1})", "it is null");
  expect_bad_field(R"({"sku":{"a":1},"quantity":1})", "it is an object");
  expect_bad_field(R"({"sku":"a","quantity":"1"})", "quantity must be a whole number, it is a string");
  expect_bad_field(R"({"sku":"a","quantity":[1]})", "it is an array");
  expect_bad_field(R"({"sku":"a","quantity":true})", "it is a boolean");
}

TEST_F(PurchaseJsonTest, RefusesQuantitiesThatAreNoPlainWholeNumber) {
  expect_bad_field(R"({"sku":"a","quantity":-1})", "it is -1");
  expect_bad_field(R"({"sku":"a","quantity":-0})", "it is -0");
  expect_bad_field(R"({"sku":"a","quantity":1.5})", "it is 1.5");
  expect_bad_field(R"({"sku":"a","quantity":1.0})", "it is 1.0");
  expect_bad_field(R"({"sku":"a","quantity":1e2})", "it is 1e2");
  expect_bad_field(R"({"sku":"a","quantity":4294967296})", "it is 4294967296");
  expect_bad_field(R"({"sku":"a","quantity":9223372036854775808})", "it is 9223372036854775808");
  expect_bad_field(R"({"sku":"a","quantity":18446744073709551617})", "it is 18446744073709551617");
  expect_bad_field(R"({"sku":"a","quantity":1e400})", "it is 1e400");
  expect_bad_field("{\"sku\":\"a\",\"quantity\":" + std::string(3000, '9') + "}", "far too large");
}

TEST_F(PurchaseJsonTest, RefusesNestingOfAnyDepth) {
  refused(std::string(kBodyBytesMax, '['));
  refused(std::string(kBodyBytesMax, '{'));
  expect_bad_field(R"({"sku":)" + std::string(1500, '[') + std::string(1500, ']') + R"(,"quantity":1})", "it is an array");
  refused(R"({"sku":"a","quantity":1,"x":)" + std::string(1500, '[') + std::string(1500, ']') + "}");
}

TEST_F(PurchaseJsonTest, ReadsABodyOfTheLargestSize) {
  std::string body = R"({"sku":"a","quantity":1})";
  body.resize(kBodyBytesMax, ' ');
  EXPECT_EQ(accepted(body).sku, "a");
}

// Every way to cut or to flip one byte of a good body: no crash, and what is accepted is what stands there.
TEST_F(PurchaseJsonTest, SurvivesEveryPrefixAndEveryChangedByte) {
  const std::string good = R"({"sku":"mask-1","quantity":12})";
  for (std::size_t size = 0; size < good.size(); ++size) refused(good.substr(0, size));
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string changed = good;
      changed[i] = static_cast<char>(byte);
      const auto read = json_.read(changed);
      if (const auto* body = std::get_if<PurchaseBody>(&read)) {
        EXPECT_EQ(body->sku.size(), 6U) << changed;
        EXPECT_LE(body->quantity, 92U) << changed;
      }
    }
  }
}

}  // namespace
}  // namespace sluice
