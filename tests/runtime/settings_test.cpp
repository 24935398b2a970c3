#include "runtime/settings.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "runtime/ip_address.h"
#include "tests/runtime/temporary_file.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

class SettingsTest : public testing::Test {
 protected:
  SettingsTest() {
    fields_.required("kafka.brokers", brokers_, "host:port of some brokers");
    fields_.optional("topics.partitions", partitions_, {1, 4096}, "how many partitions each topic has");
    fields_.optional("topics.names", names_, "which topics");
    fields_.optional("admin.enabled", enabled_, "whether there is one");
    fields_.optional("admin.address", address_, ip_address(), "where");
    fields_.choice("log.level", level_, {"info", "error"}, "how much");
    fields_.optional("redis.password_file", password_file_, "the file that holds it; empty: none");
  }
  ~SettingsTest() override {
    for (const char* name :
         {"SLUICE_KAFKA_BROKERS", "SLUICE_TOPICS_PARTITIONS", "SLUICE_TOPICS_NAMES", "SLUICE_TOPICS_PARTITON"})
      ::unsetenv(name);
  }

  Result<void> load(std::string_view yaml) {
    const TemporaryFile file(yaml);
    path_ = file.path();
    return fields_.load(path_);
  }
  // The error without the path before it.
  std::string problem_of(std::string_view yaml) {
    const auto loaded = load(yaml);
    if (loaded.ok()) return "none";
    EXPECT_THAT(loaded.error().message, StartsWith(path_ + ":"));
    return loaded.error().message.substr(path_.size() + 1);
  }

  SettingFields fields_;
  std::string brokers_;
  std::int32_t partitions_ = 8;
  std::vector<std::string> names_ = {"intents", "orders"};
  bool enabled_ = true;
  std::string address_ = "127.0.0.1";
  std::string level_ = "info";
  std::string password_file_;
  std::string path_;
};

TEST_F(SettingsTest, ReadsEveryKindOfField) {
  const auto loaded = load(
      "kafka: {brokers: \"127.0.0.1:19092\"}\n"
      "topics:\n  partitions: 16\n  names: [a, b]\n"
      "admin: {enabled: false}\n");
  ASSERT_TRUE(loaded.ok()) << loaded.error().message;
  EXPECT_EQ(brokers_, "127.0.0.1:19092");
  EXPECT_EQ(partitions_, 16);
  EXPECT_THAT(names_, ElementsAre("a", "b"));
  EXPECT_FALSE(enabled_);
}

TEST_F(SettingsTest, KeepsTheDefaultsOfWhatIsNotGiven) {
  ASSERT_TRUE(load("kafka: {brokers: b}\ntopics:\n").ok());
  EXPECT_EQ(partitions_, 8);
  EXPECT_THAT(names_, ElementsAre("intents", "orders"));
  EXPECT_TRUE(enabled_);
}

TEST_F(SettingsTest, NamesAMissingSettingAndWhatItIsFor) {
  EXPECT_EQ(problem_of("topics: {partitions: 3}\n"),
            " 'kafka.brokers' is missing: add it, or set SLUICE_KAFKA_BROKERS (host:port of some brokers)");
  EXPECT_EQ(problem_of(""), " 'kafka.brokers' is missing: add it, or set SLUICE_KAFKA_BROKERS (host:port of some brokers)");
}

TEST_F(SettingsTest, RefusesAnUnknownKeyAndNamesTheOnesOfItsSection) {
  EXPECT_EQ(problem_of("kafka: {brokers: b}\ntopics:\n  partitons: 3\n"),
            "3: 'topics.partitons' is no setting: remove or correct it (there are topics.partitions, topics.names)");
  EXPECT_THAT(problem_of("kafak: {brokers: b}\n"), HasSubstr("1: 'kafak' is no setting"));
}

TEST_F(SettingsTest, RefusesANumberOutsideItsRange) {
  for (const std::string bad : {"0", "4097", "eight", "8.5", "8 partitions", "99999999999999999999"}) {
    EXPECT_EQ(
        problem_of("kafka: {brokers: b}\ntopics: {partitions: " + bad + "}\n"),
        "2: 'topics.partitions' must be a whole number from 1 to 4096, not '" + bad + "' (how many partitions each topic has)");
  }
}

TEST_F(SettingsTest, RefusesAValueOfTheWrongShape) {
  EXPECT_THAT(problem_of("kafka: b\n"), StartsWith("1: 'kafka' must be a section"));
  EXPECT_THAT(problem_of("kafka: {brokers: [b]}\n"), StartsWith("1: 'kafka.brokers' must be a single value"));
  EXPECT_THAT(problem_of("kafka: {brokers: }\n"), StartsWith("1: 'kafka.brokers' must be a single value"));
  EXPECT_THAT(problem_of("kafka: {brokers: \"\"}\n"), StartsWith("1: 'kafka.brokers' must not be empty"));
  EXPECT_THAT(problem_of("topics: {names: intents}\n"), StartsWith("1: 'topics.names' must be a list"));
  EXPECT_THAT(problem_of("topics: {names: [[a]]}\n"), StartsWith("1: each item of 'topics.names'"));
  EXPECT_THAT(problem_of("admin: {enabled: 1}\n"), StartsWith("1: 'admin.enabled' must be true or false, not '1'"));
  EXPECT_THAT(problem_of("[kafka]: b\n"), StartsWith("1: a key must be a word"));
  EXPECT_THAT(problem_of("just words\n"), StartsWith("1: must hold sections"));
}

TEST_F(SettingsTest, RefusesAKeyThatStandsTwice) {
  EXPECT_THAT(problem_of("kafka: {brokers: a}\nkafka: {brokers: b}\n"),
              StartsWith("2: 'kafka' stands here a second time: remove one of them"));
  EXPECT_THAT(problem_of("kafka:\n  brokers: a\n  brokers: b\n"), StartsWith("3: 'kafka.brokers' stands here a second time"));
}

TEST_F(SettingsTest, NamesTheLineOfBrokenYaml) {
  EXPECT_THAT(problem_of("kafka:\n  brokers: [b\n"), StartsWith("3: is no YAML: "));
  EXPECT_THAT(problem_of("kafka:\n\tbrokers: b\n"), StartsWith("2: is no YAML: "));
  EXPECT_THAT(problem_of(std::string(100'000, '[')), StartsWith("1: is no YAML: "));
  EXPECT_THAT(problem_of("kafka: {brokers: a}\n---\nkafka: {brokers: b}\n"), StartsWith(" must be one YAML document"));
  // What the YAML library takes for one empty document after the other, without end.
  EXPECT_THAT(problem_of(",\n"), StartsWith("1: is no YAML: "));
  EXPECT_THAT(problem_of("kafka: {brokers: a}\n}\n"), StartsWith("2: is no YAML: "));
}

TEST_F(SettingsTest, RefusesATextThatIsNoneOfWhatItMayBe) {
  const std::string rest = "kafka: {brokers: b}\n";
  EXPECT_EQ(problem_of(rest + "log: {level: loud}\n"), "2: 'log.level' must be one of info, error, not 'loud' (how much)");
  for (const std::string bad : {"localhost", "127.0.0.1:80", "300.1.1.1", ""}) {
    EXPECT_THAT(problem_of(fmt::format("{}admin: {{address: '{}'}}\n", rest, bad)), StartsWith("2: 'admin.address' must"));
  }
  EXPECT_TRUE(load(rest + "admin: {address: '::1'}\n").ok());
}

TEST_F(SettingsTest, TakesEmptyOnlyWhereEmptyIsTheDefault) {
  const std::string rest = "kafka: {brokers: b}\n";
  EXPECT_TRUE(load(rest + "redis: {password_file: ''}\n").ok());
  EXPECT_THAT(problem_of(rest + "topics: {names: []}\n"), StartsWith("2: 'topics.names' must have at least one item"));
  EXPECT_THAT(problem_of(rest + "topics: {names: ['']}\n"), StartsWith("2: 'topics.names' must not have an empty item"));
  ::setenv("SLUICE_KAFKA_BROKERS", "", 1);
  EXPECT_THAT(load(rest).error().message, StartsWith("environment variable SLUICE_KAFKA_BROKERS must not be empty"));
}

TEST_F(SettingsTest, NamesAFileThatItCannotRead) {
  EXPECT_EQ(fields_.load("/nonexistent/sluice.yaml").error().message,
            "/nonexistent/sluice.yaml: cannot be read: No such file or directory");
  EXPECT_EQ(fields_.load("/").error().message, "/: cannot be read: Is a directory");
}

TEST_F(SettingsTest, TakesTheEnvironmentBeforeTheFile) {
  ::setenv("SLUICE_KAFKA_BROKERS", "other:9092", 1);
  ::setenv("SLUICE_TOPICS_PARTITIONS", "2", 1);
  ::setenv("SLUICE_TOPICS_NAMES", "a,b,c", 1);
  ASSERT_TRUE(load("topics: {partitions: 16}\n").ok());
  EXPECT_EQ(brokers_, "other:9092");
  EXPECT_EQ(partitions_, 2);
  EXPECT_THAT(names_, ElementsAre("a", "b", "c"));
}

TEST_F(SettingsTest, NamesTheVariableThatIsWrong) {
  ::setenv("SLUICE_TOPICS_PARTITIONS", "many", 1);
  EXPECT_THAT(load("kafka: {brokers: b}\n").error().message,
              StartsWith("environment variable SLUICE_TOPICS_PARTITIONS must be a whole number from 1 to 4096, not 'many'"));
}

TEST_F(SettingsTest, TellsWhereEachValueComesFrom) {
  ::setenv("SLUICE_TOPICS_PARTITIONS", "2", 1);
  ASSERT_TRUE(load("topics:\n  partitions: 16\n  names: [a]\nkafka: {brokers: b}\n").ok());
  std::map<std::string, std::string> origins;
  for (const Setting& setting : fields_.all()) origins[setting.name] = setting.origin;
  EXPECT_EQ(origins["topics.partitions"], "environment variable SLUICE_TOPICS_PARTITIONS");
  EXPECT_EQ(origins["topics.names"], path_ + ":3");
  EXPECT_EQ(origins["kafka.brokers"], path_ + ":4");
  EXPECT_EQ(origins["admin.address"], "default");
}

TEST_F(SettingsTest, FindsVariablesThatLookLikeSettings) {
  ::setenv("SLUICE_TOPICS_PARTITON", "2", 1);
  EXPECT_THAT(fields_.unknown_variables(), testing::Contains("SLUICE_TOPICS_PARTITON"));
  ::setenv("SLUICE_TOPICS_PARTITIONS", "2", 1);
  EXPECT_THAT(fields_.unknown_variables(), testing::Not(testing::Contains("SLUICE_TOPICS_PARTITIONS")));
}

TEST_F(SettingsTest, RefusesToDeclareASecretOrANameTwice) {
  std::string value;
  EXPECT_DEATH(fields_.optional("mysql.password", value, "no"), "CHECK failed");
  EXPECT_DEATH(fields_.optional("kafka.brokers", value, "again"), "CHECK failed");
}

TEST_F(SettingsTest, RefusesToDeclareADefaultOrARangeThatDoesNotFit) {
  std::uint16_t port = 1;
  EXPECT_DEATH(fields_.optional("a.port", port, {10, 20}, "the default is outside"), "CHECK failed");
  EXPECT_DEATH(fields_.optional("a.port", port, {0, 70000}, "the type is too small"), "CHECK failed");
}

TEST(SecretFileTest, GivesTheContentWithoutItsLineBreak) {
  EXPECT_EQ(read_secret_file(TemporaryFile(" s3cret \n").path()).value(), " s3cret ");
  EXPECT_EQ(read_secret_file(TemporaryFile("no break").path()).value(), "no break");
}

TEST(SecretFileTest, RefusesAMissingOrEmptyFile) {
  EXPECT_THAT(read_secret_file(TemporaryFile("\n").path()).error().message, EndsWith("is empty, and should hold a secret"));
  EXPECT_EQ(read_secret_file("/nonexistent/secret").error().message,
            "/nonexistent/secret: cannot be read: No such file or directory");
  EXPECT_EQ(read_secret_file("/").error().message, "/: cannot be read: Is a directory");
}

TEST(SecretFileTest, KeepsTheContentOutOfTheError) {
  const std::string long_secret(100'000, 'z');
  EXPECT_THAT(read_secret_file(TemporaryFile(long_secret).path()).error().message, EndsWith(": has more than 65536 bytes"));
}

}  // namespace
}  // namespace sluice
