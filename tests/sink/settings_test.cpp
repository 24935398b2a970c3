#include "sink/settings.h"

#include <gmock/gmock.h>

#include <cstring>
#include <fstream>
#include <iterator>

#include "tests/runtime/temporary_file.h"

namespace sluice {
namespace {

using testing::HasSubstr;

Result<void> load(SinkSettings& settings, const std::string& yaml) {
  const TemporaryFile file(yaml);
  SettingFields fields;
  declare(fields, settings);
  return fields.load(file.path());
}

TEST(SinkSettings, TheExampleOfTheReadmeIsAllThatIsNeeded) {
  std::ifstream file("sink/README.md");
  const std::string readme{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const std::size_t begin = readme.find("```yaml\n") + std::strlen("```yaml\n");
  SinkSettings settings;
  const auto loaded = load(settings, readme.substr(begin, readme.find("```", begin) - begin));
  ASSERT_TRUE(loaded.ok()) << loaded.error().message;
  EXPECT_EQ(settings.mysql.port, 13306);
  EXPECT_EQ(settings.admin.port, 18195);
  EXPECT_EQ(settings.orders_topic, "orders");
  EXPECT_EQ(settings.application, "sluice-sink");
}

TEST(SinkSettings, APasswordIsNeverASetting) {
  SinkSettings settings;
  const auto loaded = load(settings, "kafka: {brokers: b}\nmysql: {password: hush}\n");
  ASSERT_FALSE(loaded.ok());
  EXPECT_THAT(loaded.error().message, HasSubstr("'mysql.password' is no setting"));
  EXPECT_THAT(loaded.error().message, testing::Not(HasSubstr("hush")));
}

TEST(SinkSettings, StatementsStayBelowWhatMysqlTakes) {
  SinkSettings settings;
  const auto loaded = load(settings, "kafka: {brokers: b}\nmysql: {password_file: p}\nlimits: {statement_rows: 1001}\n");
  ASSERT_FALSE(loaded.ok());
  EXPECT_THAT(loaded.error().message, HasSubstr("from 1 to 1000"));
}

}  // namespace
}  // namespace sluice
