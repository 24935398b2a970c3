#include "ingest/json_body.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "ingest/bodies.h"
#include "ingest/http.h"

namespace sluice {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class PurchaseBodyTest : public ::testing::Test {
 protected:
  PurchaseBody accepted(std::string_view body) {
    auto read = read_purchase(json_, body);
    if (auto* refusal = std::get_if<Refusal>(&read)) {
      ADD_FAILURE() << body << " was refused: " << refusal->detail;
      return {};
    }
    return std::get<PurchaseBody>(read);
  }

  Refusal refused(std::string_view body) {
    auto read = read_purchase(json_, body);
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

  JsonBody json_;
};

TEST_F(PurchaseBodyTest, ReadsBothFieldsInAnyOrderAndSpacing) {
  EXPECT_EQ(accepted(R"({"sku":"mask-1","quantity":2})").sku, "mask-1");
  EXPECT_EQ(accepted(R"({"sku":"mask-1","quantity":2})").quantity, 2U);
  EXPECT_EQ(accepted("\n{ \"quantity\" : 7 ,\t\"sku\" : \"mask-2\" } \r\n").quantity, 7U);
  EXPECT_EQ(accepted(R"({"quantity":4294967295,"sku":""})").quantity, 4294967295U);
}

TEST_F(PurchaseBodyTest, UnderstandsEscapesInNamesAndValues) {
  EXPECT_EQ(accepted(R"({"sk\u0075":"m\u0061sk","quantity":1})").sku, "mask");
}

TEST_F(PurchaseBodyTest, IsUsableAgainAfterEveryRefusal) {
  refused("{");
  refused(R"({"sku":"a","quantity":-1})");
  EXPECT_EQ(accepted(R"({"sku":"b","quantity":1})").sku, "b");
}

TEST_F(PurchaseBodyTest, RefusesTextThatIsNoJson) {
  for (const std::string_view body :
       {"{", "}", "{\"sku\"", R"({"sku":"a","quantity":1)", R"({"sku":"a" "quantity":1})", R"({"sku":"a","quantity":1,})",
        R"({"sku":"a,"quantity":1})", R"({sku:"a","quantity":1})", R"({'sku':'a','quantity':1})", R"({"sku":a,"quantity":1})",
        R"({"sku":"a","quantity":})", R"({"sku":"a","quantity":1x})", R"({"sku":"a","quantity":01})",
        R"({"sku":"a","quantity":+1})", R"({"sku":"a","quantity":NaN})", R"({,"sku":"a","quantity":1})", "nonsense", "\x01"}) {
    EXPECT_EQ(refused(body).problem, Problem::kMalformedBody) << body << ": " << refused(body).detail;
  }
}

TEST_F(PurchaseBodyTest, RefusesAnEmptyBody) {
  expect_malformed("", "empty");
  expect_malformed("   \n", "must be one JSON object");
}

TEST_F(PurchaseBodyTest, RefusesWhatIsNoObject) {
  expect_malformed("[]", "it is an array");
  expect_malformed("\"mask\"", "it is a string");
  expect_malformed("1", "it is a number");
  expect_malformed("null", "it is null");
  expect_malformed("true", "it is a boolean");
}

TEST_F(PurchaseBodyTest, RefusesASecondValueAfterTheObject) {
  refused(R"({"sku":"a","quantity":1}{"sku":"a","quantity":1})");
  expect_malformed(R"({"sku":"a","quantity":1} null)", "");
  expect_malformed(R"({"sku":"a","quantity":1}])", "");
}

TEST_F(PurchaseBodyTest, RefusesBytesThatAreNotUtf8) {
  expect_malformed("{\"sku\":\"a\xFF\",\"quantity\":1}", "not UTF-8");
  expect_malformed("{\"sku\":\"\xC0\xAF\",\"quantity\":1}", "not UTF-8");
  expect_malformed("{\"sku\":\"\xED\xA0\x80\",\"quantity\":1}", "not UTF-8");
}

TEST_F(PurchaseBodyTest, RefusesMalformedEscapes) {
  expect_malformed(R"({"sku":"\x","quantity":1})", "escape");
  expect_malformed(R"({"sku":"\ud800","quantity":1})", "escape");
}

TEST_F(PurchaseBodyTest, RefusesAFieldThatStandsThereTwice) {
  expect_malformed(R"({"sku":"a","sku":"b","quantity":1})", "sku stands there twice");
  expect_malformed(R"({"sku":"a","quantity":1,"quantity":1})", "quantity stands there twice");
  expect_malformed(R"({"sku":"a","quantity":1,"quant\u0069ty":2})", "quantity stands there twice");
}

TEST_F(PurchaseBodyTest, RefusesUnknownFieldsByName) {
  expect_bad_field(R"({"sku":"a","quantity":1,"price":0})", "price is not known");
  expect_bad_field(R"({"SKU":"a","quantity":1})", "SKU is not known");
  expect_bad_field("{\"" + std::string(3000, 'n') + "\":1}", "with the long name");
  expect_bad_field(R"({"":1})", "is not known");
}

TEST_F(PurchaseBodyTest, RefusesMissingFieldsByName) {
  expect_bad_field("{}", "sku is missing");
  expect_bad_field(R"({"sku":"a"})", "quantity is missing");
  expect_bad_field(R"({"quantity":1})", "sku is missing");
}

TEST_F(PurchaseBodyTest, RefusesFieldsOfAnotherKind) {
  expect_bad_field(R"({"sku":1,"quantity":1})", "sku must be a string, it is a number");
  expect_bad_field(R"({"sku":null,"quantity":1})", "it is null");
  expect_bad_field(R"({"sku":{"a":1},"quantity":1})", "it is an object");
  expect_bad_field(R"({"sku":"a","quantity":"1"})", "quantity must be a whole number, it is a string");
  expect_bad_field(R"({"sku":"a","quantity":[1]})", "it is an array");
  expect_bad_field(R"({"sku":"a","quantity":true})", "it is a boolean");
}

TEST_F(PurchaseBodyTest, RefusesQuantitiesThatAreNoPlainWholeNumber) {
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

TEST_F(PurchaseBodyTest, RefusesNestingOfAnyDepth) {
  refused(std::string(kBodyBytesMax, '['));
  refused(std::string(kBodyBytesMax, '{'));
  expect_bad_field(R"({"sku":)" + std::string(1500, '[') + std::string(1500, ']') + R"(,"quantity":1})", "it is an array");
  refused(R"({"sku":"a","quantity":1,"x":)" + std::string(1500, '[') + std::string(1500, ']') + "}");
}

TEST_F(PurchaseBodyTest, ReadsABodyOfTheLargestSize) {
  std::string body = R"({"sku":"a","quantity":1})";
  body.resize(kBodyBytesMax, ' ');
  EXPECT_EQ(accepted(body).sku, "a");
}

// Every way to cut or to flip one byte of a good body: no crash, and what is accepted is what stands there.
TEST_F(PurchaseBodyTest, SurvivesEveryPrefixAndEveryChangedByte) {
  const std::string good = R"({"sku":"mask-1","quantity":12})";
  for (std::size_t size = 0; size < good.size(); ++size) refused(good.substr(0, size));
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string changed = good;
      changed[i] = static_cast<char>(byte);
      const auto read = read_purchase(json_, changed);
      if (const auto* body = std::get_if<PurchaseBody>(&read)) {
        EXPECT_EQ(body->sku.size(), 6U) << changed;
        EXPECT_LE(body->quantity, 92U) << changed;
      }
    }
  }
}

// ---- the other bodies

class BodiesTest : public ::testing::Test {
 protected:
  template <typename Body>
  static Body accepted(Admitted<Body> read) {
    if (auto* refusal = std::get_if<Refusal>(&read)) {
      ADD_FAILURE() << "was refused: " << refusal->detail;
      return {};
    }
    return std::get<Body>(std::move(read));
  }
  template <typename Body>
  static std::string refused(Admitted<Body> read, Problem problem) {
    auto* refusal = std::get_if<Refusal>(&read);
    if (refusal == nullptr) {
      ADD_FAILURE() << "was accepted";
      return {};
    }
    EXPECT_EQ(refusal->problem, problem) << refusal->detail;
    return refusal->detail;
  }
  v1::DefineSale sale(std::string_view body) {
    v1::DefineSale sale;
    const auto refusal = read_sale(json_, body, sale);
    EXPECT_FALSE(refusal.has_value()) << refusal->detail;
    return sale;
  }
  std::string sale_refused(std::string_view body, Problem problem = Problem::kBadField) {
    v1::DefineSale sale;
    auto refusal = read_sale(json_, body, sale);
    if (!refusal) {
      ADD_FAILURE() << "was accepted: " << body;
      return {};
    }
    EXPECT_EQ(refusal->problem, problem) << refusal->detail;
    return refusal->detail;
  }
  // A payment with these fields behind the four that it must have.
  Admitted<PaymentBody> payment(const std::string& more) {
    return read_payment(json_, R"({"payment_id":"p-1","order":"0A","amount_minor":500,"currency":"EUR")" + more + "}");
  }

  JsonBody json_;
};

TEST_F(BodiesTest, TakeFieldsOfAGatewayThatTheyDoNotKnow) {
  const PaymentBody body =
      accepted(payment(R"(,"livemode":true,"fee":1.25,"note":null,"card":{"brand":"x","checks":[{"cvc":"pass"},[],{},-1e3]})"));
  EXPECT_EQ(body.payment_id, "p-1");
  EXPECT_EQ(body.order, "0A");
  EXPECT_EQ(body.amount_minor, 500);
  EXPECT_EQ(body.currency, "EUR");
}

TEST_F(BodiesTest, TakeNoFieldOfAGatewayTwice) {
  EXPECT_THAT(refused(payment(R"(,"amount_minor":1)"), Problem::kMalformedBody), HasSubstr("amount_minor stands there twice"));
  EXPECT_THAT(refused(payment(R"(,"fee":1,"\u0066ee":2)"), Problem::kMalformedBody), HasSubstr("fee stands there twice"));
}

TEST_F(BodiesTest, LookAtFieldsThatTheyDoNotKnowAllTheSame) {
  for (const char* more : {R"(,"x":[nonsense])", R"(,"x":{"a":tru})", R"(,"x":[1 2])", R"(,"x":"\x")", R"(,"x":[1}])",
                           R"(,"x":nul)", R"(,"x":01)", R"(,"x":{"a" 1})", R"(,"x":)"}) {
    EXPECT_THAT(refused(payment(more), Problem::kMalformedBody), Not(HasSubstr("deeper"))) << more;
  }
}

TEST_F(BodiesTest, RefuseNestingBeyondABound) {
  const auto nested = [](int depth) {
    return ",\"x\":" + std::string(static_cast<std::size_t>(depth), '[') + std::string(static_cast<std::size_t>(depth), ']');
  };
  accepted(payment(nested(8)));
  EXPECT_THAT(refused(payment(nested(9)), Problem::kMalformedBody), HasSubstr("nested deeper than 8"));
  EXPECT_THAT(refused(payment(nested(1900)), Problem::kMalformedBody), HasSubstr("nested deeper than 8"));
}

TEST_F(BodiesTest, ReadAmountsWithDigitsAlone) {
  const auto amount = [&](const std::string& number) {
    return read_payment(json_, R"({"payment_id":"p-1","order":"","amount_minor":)" + number + R"(,"currency":"EUR"})");
  };
  EXPECT_EQ(accepted(amount("0")).amount_minor, 0);
  EXPECT_EQ(accepted(amount("-5")).amount_minor, -5) << "what it may be is checked with the intent";
  EXPECT_EQ(accepted(amount("9223372036854775807")).amount_minor, 9223372036854775807);
  for (const char* number : {"5.00", "5e2", "9223372036854775808", "-9223372036854775809", "1E400"}) {
    EXPECT_THAT(refused(amount(number), Problem::kBadField), HasSubstr("amount_minor must be a whole number")) << number;
  }
  for (const char* number : {"-", "--5", "-05", "+5", "0x10"}) refused(amount(number), Problem::kMalformedBody);
}

TEST_F(BodiesTest, ReadAWholeSaleWithItsDefaults) {
  const v1::DefineSale least = sale(R"({"sale_id":"s-1","price_minor":500,"currency":"EUR","limit_per_user":2,)"
                                    R"("slots":[{"opens":"2026-12-24T06:00:00Z","closes":"2026-12-24T07:30:00+01:00",)"
                                    R"("quantity":200}]})");
  EXPECT_EQ(least.version(), 1U);
  EXPECT_EQ(least.hold_seconds(), 1200U);
  EXPECT_EQ(least.late_payment(), v1::LATE_PAYMENT_REFUND);
  EXPECT_EQ(least.title(), "");
  ASSERT_EQ(least.slots_size(), 1);
  EXPECT_EQ(least.slots(0).opens_ms(), 1'798'092'000'000);
  EXPECT_EQ(least.slots(0).closes_ms(), 1'798'092'000'000 + 30 * 60 * 1000);
  EXPECT_EQ(least.slots(0).quantity(), 200U);

  const v1::DefineSale whole =
      sale(R"({"slots":[],"sale_id":"s-1","version":7,"title":"Maske, weiß","price_minor":500,"currency":"EUR",)"
           R"("limit_per_user":2,"hold_seconds":60,"late_payment":"rebuy_or_refund"})");
  EXPECT_EQ(whole.version(), 7U);
  EXPECT_EQ(whole.title(), "Maske, weiß");
  EXPECT_EQ(whole.hold_seconds(), 60U);
  EXPECT_EQ(whole.late_payment(), v1::LATE_PAYMENT_REBUY_OR_REFUND);
}

TEST_F(BodiesTest, SayInWhichSlotOfASaleSomethingIsWrong) {
  const auto slots = [](const std::string& second) {
    return R"({"sale_id":"s-1","price_minor":500,"currency":"EUR","limit_per_user":2,"slots":[{"opens":"2026-12-24T06:00:00Z",)"
           R"("closes":"2026-12-24T06:30:00Z","quantity":1},)" +
           second + "]}";
  };
  EXPECT_THAT(sale_refused(slots(R"({"opens":"6:30","closes":"2026-12-24T07:00:00Z","quantity":1})")),
              HasSubstr("slots[1].opens must be a time like 2026-12-24T06:00:00Z (RFC 3339), it is '6:30'"));
  EXPECT_THAT(sale_refused(slots(R"({"opens":"+5s","closes":"2026-12-24T07:00:00Z","quantity":1})")), HasSubstr("it is '+5s'"))
      << "a repetition would be another sale";
  EXPECT_THAT(sale_refused(slots(R"({"opens":1,"closes":2,"quantity":1})")), HasSubstr("slots[1].opens must be a time"));
  EXPECT_THAT(sale_refused(slots(R"({"opens":"2026-12-24T06:30:00Z","quantity":1})")), HasSubstr("slots[1].closes is missing"));
  EXPECT_THAT(sale_refused(slots(R"({"quantity":-1})")), HasSubstr("slots[1].quantity must be a whole number"));
  EXPECT_THAT(sale_refused(slots(R"({"size":1})")),
              HasSubstr("The field slots[1].size is not known; there are opens, closes, quantity"));
  EXPECT_THAT(sale_refused(slots(R"({"quantity":1,"quantity":1})"), Problem::kMalformedBody),
              HasSubstr("slots[1].quantity stands there twice"));
  EXPECT_THAT(sale_refused(slots("7")), HasSubstr("slots[1] must be an object, it is a number"));
  EXPECT_THAT(sale_refused(slots("[[[[]]]]")), HasSubstr("slots[1] must be an object, it is an array"));
}

TEST_F(BodiesTest, RefuseASaleOfAnotherShape) {
  EXPECT_THAT(sale_refused(R"({"slots":{}})"), HasSubstr("slots must be a list, it is an object"));
  EXPECT_THAT(sale_refused(R"({"sku":"mask-1"})"), HasSubstr("The field sku is not known")) << "the path names it";
  EXPECT_THAT(sale_refused(R"({"sale_id":"s"})"), HasSubstr("price_minor is missing"));
  EXPECT_THAT(sale_refused(R"({"late_payment":"keep","sale_id":"s","price_minor":1,"currency":"EUR","limit_per_user":1,)"
                           R"("slots":[]})"),
              HasSubstr("late_payment must be refund or rebuy_or_refund"));
  std::string many = R"({"slots":[)";
  for (int i = 0; i < 97; ++i) many += i == 0 ? "{}" : ",{}";
  EXPECT_THAT(sale_refused(many + "]}"), HasSubstr("slots[0].opens is missing"));
}

TEST_F(BodiesTest, ReadTheSmallActs) {
  EXPECT_EQ(accepted(read_stock(json_, R"({"delta":-5,"reason":"broken"})")).delta, -5);
  EXPECT_TRUE(accepted(read_freeze(json_, R"({"on":true})")));
  EXPECT_FALSE(accepted(read_refund(json_, R"({"restock":false})")));
  EXPECT_EQ(accepted(read_settled(json_, R"({"order":"0A"})")), "0A");
  EXPECT_EQ(accepted(read_settled(json_, "{}")), "");
  EXPECT_EQ(accepted(read_settled(json_, "")), "");
}

TEST_F(BodiesTest, RefuseSmallActsThatSayLessOrMore) {
  EXPECT_THAT(refused(read_stock(json_, R"({"delta":-5})"), Problem::kBadField), HasSubstr("reason is missing"));
  EXPECT_THAT(refused(read_stock(json_, R"({"delta":1.5,"reason":""})"), Problem::kBadField), HasSubstr("it is 1.5"));
  EXPECT_THAT(refused(read_freeze(json_, R"({"on":"yes"})"), Problem::kBadField),
              HasSubstr("on must be true or false, it is a string"));
  EXPECT_THAT(refused(read_freeze(json_, R"({"on":1})"), Problem::kBadField), HasSubstr("it is a number"));
  EXPECT_THAT(refused(read_refund(json_, R"({"on":true})"), Problem::kBadField), HasSubstr("there is restock"));
  EXPECT_THAT(refused(read_refund(json_, ""), Problem::kMalformedBody), HasSubstr(R"(like {"restock": true}; it is empty)"));
  refused(read_freeze(json_, R"({"on":tru})"), Problem::kMalformedBody);
}

}  // namespace
}  // namespace sluice
