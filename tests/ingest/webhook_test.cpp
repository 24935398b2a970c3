#include "ingest/webhook.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/ingest/sluice_signature.h"

namespace sluice {
namespace {

using ::testing::HasSubstr;

constexpr long kNowSeconds = 1'800'000'000;
constexpr UnixMillis kNow = kNowSeconds * 1000;
constexpr const char* kBody = R"({"payment_id":"p-1"})";
const std::string kSecret = "0123456789abcdef0123456789abcdef";
const std::string kNewSecret = "abcdef0123456789abcdef0123456789";

class WebhookTest : public ::testing::Test {
 protected:
  void expect_genuine(const std::string& header, std::string_view body = kBody) const {
    const auto refusal = check_.problem_with(header, body, kNow);
    EXPECT_FALSE(refusal.has_value()) << header << ": " << refusal->detail;
  }
  void expect_refused(const std::string& header, const char* part, std::string_view body = kBody) const {
    const auto refusal = check_.problem_with(header, body, kNow);
    ASSERT_TRUE(refusal.has_value()) << header << " was taken";
    EXPECT_EQ(refusal->problem, Problem::kBadSignature);
    EXPECT_THAT(refusal->detail, HasSubstr(part)) << header;
  }

  WebhookCheck check_{{kSecret, kNewSecret}, 300'000};
};

// Computed by `printf '1800000000.{"payment_id":"p-1"}' | openssl dgst -sha256 -hmac 0123456789abcdef0123456789abcdef`.
TEST_F(WebhookTest, KnowsAGenuineMessage) {
  expect_genuine("t=1800000000,v1=8d305a3b025a1be3af8c605ba79c7a996e606476a2148bb0d1676041181071b3");
}

TEST_F(WebhookTest, TakesEitherSecretAndAnyOfSeveralSignatures) {
  const std::string wrong(64, '0');
  expect_genuine(sluice_signature(kNewSecret, kNowSeconds, kBody));
  expect_genuine(sluice_signature(kSecret, kNowSeconds, kBody) + ",v1=" + wrong);
  expect_genuine(fmt::format("t={},v1={},v1={}", kNowSeconds, wrong, signature_hex(kSecret, kNowSeconds, kBody)));
}

TEST_F(WebhookTest, PassesOverSchemesOfOthersAndSpaces) {
  expect_genuine(fmt::format(" v0=abc , v1={} , t={} , later=", signature_hex(kSecret, kNowSeconds, kBody), kNowSeconds));
}

TEST_F(WebhookTest, ReadsCapitalsToo) {
  std::string hex = signature_hex(kSecret, kNowSeconds, kBody);
  for (char& c : hex) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  expect_genuine(fmt::format("t={},v1={}", kNowSeconds, hex));
}

TEST_F(WebhookTest, RefusesOtherSecrets) {
  expect_refused(sluice_signature("another secret of thirty-two bytes", kNowSeconds, kBody), "No v1 is the HMAC-SHA256");
}

TEST_F(WebhookTest, RefusesAnyByteOfTheBodyChanged) {
  const std::string header = sluice_signature(kSecret, kNowSeconds, kBody);
  const std::string body = kBody;
  for (std::size_t i = 0; i < body.size(); ++i) {
    std::string changed = body;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    expect_refused(header, "No v1", changed);
  }
  expect_refused(header, "No v1", body + "\n");
  expect_refused(header, "No v1", body.substr(1));
  expect_refused(header, "No v1", "");
}

TEST_F(WebhookTest, RefusesAnyDigitOfTheSignatureChanged) {
  const std::string hex = signature_hex(kSecret, kNowSeconds, kBody);
  for (std::size_t i = 0; i < hex.size(); ++i) {
    std::string changed = hex;
    changed[i] = changed[i] == '0' ? '1' : '0';
    expect_refused(fmt::format("t={},v1={}", kNowSeconds, changed), "No v1");
  }
}

TEST_F(WebhookTest, RefusesAnotherMomentThanTheSignedOne) {
  expect_refused(fmt::format("t={},v1={}", kNowSeconds + 1, signature_hex(kSecret, kNowSeconds, kBody)), "No v1");
  expect_refused(fmt::format("t=0{},v1={}", kNowSeconds, signature_hex(kSecret, kNowSeconds, kBody)), "No v1");
}

TEST_F(WebhookTest, RefusesWhatWasSignedTooEarlyOrTooLate) {
  for (const long apart : {-300L, -1L, 0L, 299L, 300L}) expect_genuine(sluice_signature(kSecret, kNowSeconds + apart, kBody));
  expect_refused(sluice_signature(kSecret, kNowSeconds - 301, kBody),
                 "301 s before this server's clock, and 300 s are allowed");
  expect_refused(sluice_signature(kSecret, kNowSeconds + 301, kBody), "301 s after");
  expect_refused(sluice_signature(kSecret, 0, kBody), "before");
  expect_refused(sluice_signature(kSecret, 999'999'999'999, kBody), "after");
}

TEST_F(WebhookTest, RefusesHeadersOfAnotherForm) {
  expect_refused("", "is missing");
  const std::string hex = signature_hex(kSecret, kNowSeconds, kBody);
  for (const std::string& header :
       {std::string("nonsense"), "v1=" + hex, fmt::format("t={}", kNowSeconds), "t=,v1=" + hex, "t=-5,v1=" + hex,
        "t=1.5,v1=" + hex, "t=1800000000000,v1=" + hex, fmt::format("t={0},t={0},v1={1}", kNowSeconds, hex),
        fmt::format("t={},v1={}", kNowSeconds, hex.substr(1)), fmt::format("t={},v1={}0", kNowSeconds, hex),
        fmt::format("t={},v1=g{}", kNowSeconds, hex.substr(1)), fmt::format("t={};v1={}", kNowSeconds, hex), std::string(",,,"),
        std::string("="), fmt::format("t={},v1={},v1=", kNowSeconds, hex)}) {
    expect_refused(header, "Sluice-Signature must be t=");
  }
}

TEST_F(WebhookTest, TakesNothingWithoutASecret) {
  const WebhookCheck none({}, 300'000);
  const auto refusal = none.problem_with(sluice_signature("", kNowSeconds, kBody), kBody, kNow);
  ASSERT_TRUE(refusal.has_value());
  EXPECT_EQ(refusal->problem, Problem::kNoWebhook);
  EXPECT_THAT(refusal->detail, HasSubstr("webhook.secret_files"));
}

}  // namespace
}  // namespace sluice
