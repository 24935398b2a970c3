#include "ingest/admission.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "schemas/intent_format.h"
#include "schemas/partitioner.h"

namespace sluice {
namespace {

using ::testing::HasSubstr;

template <typename T>
const Refusal& refusal_of(const Admitted<T>& admitted) {
  static const Refusal kNone{};
  if (const auto* refusal = std::get_if<Refusal>(&admitted)) return *refusal;
  ADD_FAILURE() << "was admitted";
  return kNone;
}

HttpRequest purchase() {
  return {.method = "POST", .path = "/v1/orders", .idempotency_key = "key-1", .content_type = "application/json"};
}

int waited(std::string_view prefer) {
  HttpRequest request = purchase();
  request.prefer = prefer;
  return std::get<int>(wait_seconds(request));
}

TEST(Wait, ReadsThePreference) {
  EXPECT_EQ(waited(""), 0);
  EXPECT_EQ(waited("wait=10"), 10);
  EXPECT_EQ(waited("respond-async, wait=10"), 10);
  EXPECT_EQ(waited("WAIT = 5 ; foo=bar"), 5);
  EXPECT_EQ(waited("wait=\"7\""), 7);
  EXPECT_EQ(waited("wait=3, wait=9"), 3);
}

TEST(Wait, NeverExceedsItsBound) {
  EXPECT_EQ(waited("wait=30"), 30);
  EXPECT_EQ(waited("wait=31"), 30);
  EXPECT_EQ(waited("wait=99999999999999999999"), 30);
}

TEST(Wait, IgnoresPreferencesThatAreMalformedAsTheirStandardDemands) {
  for (const std::string_view prefer : {"wait", "wait=", "wait=-1", "wait=1.5", "wait=ten", "handling=strict", ",,;=", "\""}) {
    EXPECT_EQ(waited(prefer), 0) << prefer;
  }
}

TEST(Wait, RefusesAMalformedParameter) {
  for (const std::string_view wait : {"-1", "1.5", "ten", "1s"}) {
    EXPECT_EQ(refusal_of(wait_seconds({.method = "GET", .wait = wait})).problem, Problem::kBadWait) << wait;
  }
}

TEST(Wait, LetsTheParameterComeBeforeThePreference) {
  EXPECT_EQ(std::get<int>(wait_seconds({.wait = "4", .prefer = "wait=9"})), 4);
  EXPECT_EQ(std::get<int>(wait_seconds({.wait = "1000"})), 30);
}

TEST(Key, IsTakenAsItStandsOrFromItsQuotes) {
  HttpRequest request = purchase();
  for (const std::string_view header : {"8e03978e-40d5", "\"8e03978e-40d5\"", "  8e03978e-40d5 "}) {
    request.idempotency_key = header;
    EXPECT_EQ(std::get<std::string_view>(admit_key(request)), "8e03978e-40d5") << header;
  }
}

TEST(Key, IsRefusedWhenMissingTooLongOrNotVisible) {
  HttpRequest request = purchase();
  const std::string longest(kNameBytesMax, 'k');
  request.idempotency_key = longest;
  EXPECT_EQ(std::get<std::string_view>(admit_key(request)), longest);
  const std::string too_long = longest + "k";
  for (const std::string_view header : {std::string_view(), std::string_view("\"\""), std::string_view("a b"),
                                        std::string_view("a\tb"), std::string_view("\x7f"), std::string_view("k\xC3\xA4"),
                                        std::string_view("\"open"), std::string_view("a\\b"), std::string_view(too_long)}) {
    request.idempotency_key = header;
    EXPECT_EQ(refusal_of(admit_key(request)).problem, Problem::kBadKey) << header;
  }
}

TEST(ContentType, MustBeJsonInUtf8) {
  HttpRequest request = purchase();
  for (const std::string_view type :
       {"application/json", "Application/JSON; charset=utf-8", "application/json;charset=\"UTF-8\""}) {
    request.content_type = type;
    EXPECT_FALSE(problem_with_type(request).has_value()) << type;
  }
  for (const std::string_view type : {"", "text/plain", "application/jsonx", "application/json; charset=latin1",
                                      "application/x-www-form-urlencoded", "application/problem+json"}) {
    request.content_type = type;
    EXPECT_EQ(problem_with_type(request).value().problem, Problem::kNotJson) << type;
  }
}

TEST(Purchase, BecomesAnIntentThatTheLedgerCanRead) {
  v1::Intent intent;
  const auto admitted = std::get<AdmittedPurchase>(admit_purchase("u-1", "key-1", "mask-1", 2, 8, intent));
  EXPECT_EQ(admitted.partition, partition_of("mask-1", 8));
  EXPECT_EQ(admitted.fingerprint, purchase_fingerprint("u-1", "mask-1", "key-1"));
  EXPECT_EQ(admitted.quantity, 2U);
  v1::Intent read;
  ASSERT_EQ(read_intent(intent.SerializeAsString(), read), Readability::kIntent);
  EXPECT_EQ(read.purchase().user(), "u-1");
  EXPECT_EQ(read.purchase().request_key(), "key-1");
  EXPECT_EQ(read.purchase().sku(), "mask-1");
  EXPECT_EQ(read.purchase().quantity(), 2U);
}

TEST(Purchase, IsRefusedWithTheBoundThatItBreaks) {
  v1::Intent intent;
  const auto refusal = [&](std::string_view sku, std::uint32_t quantity) {
    const Refusal refused = refusal_of(admit_purchase("u-1", "key-1", sku, quantity, 8, intent));
    EXPECT_EQ(refused.problem, Problem::kBadField);
    return refused.detail;
  };
  EXPECT_THAT(refusal("mask-1", 0), HasSubstr("quantity must be from 1 to 1000, it is 0"));
  EXPECT_THAT(refusal("mask-1", 1001), HasSubstr("it is 1001"));
  EXPECT_THAT(refusal("", 1), HasSubstr("sku must be 1 to 64 characters"));
  EXPECT_THAT(refusal("mask 1", 1), HasSubstr("sku must be"));
  EXPECT_THAT(refusal(std::string(65, 'a'), 1), HasSubstr("sku must be"));
}

}  // namespace
}  // namespace sluice
