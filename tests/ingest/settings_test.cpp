#include "ingest/settings.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/runtime/temporary_file.h"

namespace sluice {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class IngestSettingsTest : public ::testing::Test {
 protected:
  std::string least() const {
    return fmt::format(R"(
kafka: {{brokers: "127.0.0.1:9092"}}
http: {{port: 18081}}
admin: {{port: 18181}}
jwt: {{hs256_secret_file: {}}}
ids: {{hmac_key_files: [{}, {}]}}
)",
                       secret_.path(), key_.path(), old_key_.path());
  }
  Result<void> load(const std::string& text) {
    const TemporaryFile file(text);
    SettingFields fields;
    declare(fields, settings_);
    return fields.load(file.path());
  }

  TemporaryFile secret_{"0123456789abcdef0123456789abcdef\n"};
  TemporaryFile key_{"a key of at least 16 bytes"};
  TemporaryFile old_key_{"an older key of 16 bytes"};
  IngestSettings settings_;
};

TEST_F(IngestSettingsTest, NeedOnlyWhatHasNoDefault) {
  ASSERT_TRUE(load(least()).ok());
  EXPECT_EQ(settings_.http.port, 18081);
  EXPECT_EQ(settings_.http.address, "127.0.0.1");
  EXPECT_EQ(settings_.cluster.partitions, 8);
  const IngestRules rules = rules_of(settings_);
  EXPECT_EQ(rules.generation, Generation{1});
  EXPECT_EQ(rules.recent_requests_keep_ms, 300'000);
}

TEST_F(IngestSettingsTest, RoundTheWindowUpToAPowerOfTwo) {
  ASSERT_TRUE(load(least() + "view: {verdicts_per_partition: 1000}\n").ok());
  EXPECT_EQ(rules_of(settings_).verdicts.verdicts, 1024U);
}

TEST_F(IngestSettingsTest, RefuseToRememberRequestsLongerThanTheLedgerDoes) {
  const auto loaded = load(least() + "limits: {recent_seconds: 600}\n");
  ASSERT_FALSE(loaded.ok());
  EXPECT_THAT(loaded.error().message, HasSubstr("limits.recent_seconds"));
}

TEST_F(IngestSettingsTest, ReadTheSecretsFromTheirFiles) {
  ASSERT_TRUE(load(least()).ok());
  const auto secrets = read_secrets(settings_);
  ASSERT_TRUE(secrets.ok()) << secrets.error().message;
  EXPECT_EQ(secrets->jwt, "0123456789abcdef0123456789abcdef");
  EXPECT_THAT(secrets->id_keys, ElementsAre("a key of at least 16 bytes", "an older key of 16 bytes"));
  EXPECT_EQ(secrets->redis_password, "");
}

TEST_F(IngestSettingsTest, ReadTheSecretsOfPaymentsOrTakeNone) {
  ASSERT_TRUE(load(least()).ok());
  EXPECT_THAT(read_secrets(settings_)->webhook, ::testing::IsEmpty());
  EXPECT_EQ(settings_.webhook_tolerance_seconds, 300U);
  ASSERT_TRUE(load(least() + fmt::format("webhook: {{secret_files: [{0}, {0}]}}\n", secret_.path())).ok());
  EXPECT_EQ(read_secrets(settings_)->webhook.size(), 2U);
  settings_.webhook_secret_files = {key_.path()};
  EXPECT_THAT(read_secrets(settings_).error().message, HasSubstr("must have at least 32 bytes"));
}

TEST_F(IngestSettingsTest, NeverMakeEveryBuyerAnAdministrator) {
  const auto loaded =
      load(fmt::format("kafka: {{brokers: b}}\nhttp: {{port: 1}}\nadmin: {{port: 2}}\nids: {{hmac_key_files: [{0}]}}\n"
                       "jwt: {{hs256_secret_file: {0}, admin_scope: ''}}\n",
                       secret_.path()));
  ASSERT_FALSE(loaded.ok());
  EXPECT_THAT(loaded.error().message, HasSubstr("jwt.admin_scope"));
}

TEST_F(IngestSettingsTest, RefuseSecretsThatAreTooShortWithoutShowingThem) {
  ASSERT_TRUE(load(least()).ok());
  const TemporaryFile tiny("tiny");
  settings_.jwt_secret_file = tiny.path();
  EXPECT_THAT(read_secrets(settings_).error().message, HasSubstr("at least 32 bytes"));
  settings_.jwt_secret_file = secret_.path();
  settings_.id_key_files = {tiny.path()};
  const std::string message = read_secrets(settings_).error().message;
  EXPECT_THAT(message, HasSubstr("at least 16 bytes"));
  EXPECT_THAT(message, ::testing::Not(HasSubstr("tiny")));
}

}  // namespace
}  // namespace sluice
