// What every daemon does with settings that are wrong: it says where and what to do, and ends. Asked of the binaries.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>

#include "tests/daemons/daemons.h"
#include "tests/processes/child_process.h"
#include "tests/runtime/temporary_file.h"

namespace sluice {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kSecret = "a secret of at least thirty-two bytes";

struct Answer {
  int code;
  std::string said;
};

class SettingsOfDaemonTest : public testing::TestWithParam<DaemonUnderTest> {
 protected:
  // The least that this daemon runs with; every section on a line of its own.
  std::string least() const {
    const std::map<std::string, std::string> own = {
        {"ingest",
         fmt::format("http: {{port: 0}}\njwt: {{hs256_secret_file: {0}}}\nids: {{hmac_key_files: [{0}]}}\n", secret_.path())},
        {"ledger", "instance: ledger-1\nstate: {directory: /var/lib/sluice}\n"},
        {"sink", fmt::format("mysql: {{password_file: {}}}\n", secret_.path())},
        {"reaper", "instance: reaper-1\n"}};
    return "kafka: {brokers: \"127.0.0.1:1\"}\nadmin: {port: 0}\n" + own.at(GetParam().name);
  }
  int lines_of_least() const { return static_cast<int>(std::ranges::count(least(), '\n')); }

  Answer check(const std::string& path) const { return run({GetParam().program, "--check-config", "--config", path}); }
  Answer check_text(const std::string& yaml) {
    file_ = std::make_unique<TemporaryFile>(yaml);
    return check(file_->path());
  }
  static Answer run(const std::vector<std::string>& words) {
    const TemporaryFile log("");
    ChildProcess daemon(words, log.path());
    const int code = daemon.wait_for_end(/*ask=*/false);
    std::ifstream said(log.path());
    return {code, {std::istreambuf_iterator<char>(said), std::istreambuf_iterator<char>()}};
  }

  // That this text after the least settings is refused: the place is "file:line: ", `line` counted from the end of these.
  void expect_refused(const std::string& more, int line, const std::string& problem) {
    const Answer answer = check_text(least() + more);
    EXPECT_EQ(answer.code, 1) << more;
    EXPECT_THAT(answer.said, HasSubstr(fmt::format("{}:{}: {}", file_->path(), lines_of_least() + line, problem))) << more;
    EXPECT_EQ(std::ranges::count(answer.said, '\n'), 1) << answer.said;
  }

  TemporaryFile secret_{kSecret};
  std::unique_ptr<TemporaryFile> file_;
};

TEST_P(SettingsOfDaemonTest, ShowsWhatHoldsAndWhereItComesFromButNoSecret) {
  const Answer answer = check_text(least());
  EXPECT_EQ(answer.code, 0) << answer.said;
  EXPECT_THAT(answer.said, HasSubstr(fmt::format("kafka.brokers = 127.0.0.1:1  ({}:1)\n", file_->path())));
  EXPECT_THAT(answer.said, HasSubstr("topics.partitions = 8  (default)\n"));
  EXPECT_THAT(answer.said, testing::EndsWith(file_->path() + " is good\n"));
  EXPECT_THAT(answer.said, Not(HasSubstr(kSecret)));
}

TEST_P(SettingsOfDaemonTest, RefusesWhatStandsWrongInTheFile) {
  expect_refused("kafak: {brokers: b}\n", 1, "'kafak' is no setting: remove or correct it (there are kafka.brokers, ");
  expect_refused("topics:\n  partitons: 8\n", 2, "'topics.partitons' is no setting: remove or correct it (there are topics.");
  expect_refused("topics:\n  partitions: 0\n", 2, "'topics.partitions' must be a whole number from 1 to 4096, not '0'");
  expect_refused("topics: {partitions: many}\n", 1, "'topics.partitions' must be a whole number from 1 to 4096, not 'many'");
  expect_refused("topics: {partitions: 8.5}\n", 1, "'topics.partitions' must be a whole number");
  expect_refused("topics: {partitions: [8]}\n", 1, "'topics.partitions' must be a single value");
  expect_refused("topics: 8\n", 1, "'topics' must be a section of keys and values");
  expect_refused("kafka: {brokers: other}\n", 1, "'kafka' stands here a second time: remove one of them");
  expect_refused("topics:\n  partitions: 8\n  partitions: 4\n", 3, "'topics.partitions' stands here a second time");
  expect_refused("topics:\n\tpartitions: 8\n", 2, "is no YAML: ");
  expect_refused("topics: {partitions: 8\n", 2, "is no YAML: ");
  expect_refused("log: {level: loud}\n", 1, "'log.level' must be one of debug, info, warning, error, not 'loud'");
  expect_refused(
      "application: [a]\n", 1,
      std::string("'application' ") + (GetParam().name == std::string("ingest") ? "is no setting" : "must be a single value"));
}

TEST_P(SettingsOfDaemonTest, RefusesAnAddressThatIsNone) {
  std::string settings = least();
  settings.replace(settings.find("port: 0"), 7, "address: localhost, port: 0");
  const Answer answer = check_text(settings);
  EXPECT_EQ(answer.code, 1);
  EXPECT_THAT(answer.said, HasSubstr(file_->path() + ":2: 'admin.address' must be an IP address, not 'localhost'"));
}

TEST_P(SettingsOfDaemonTest, NamesWhatIsMissing) {
  for (const std::string empty : {"", "\n# nothing yet\n", "---\n"}) {
    const Answer answer = check_text(empty);
    EXPECT_EQ(answer.code, 1);
    EXPECT_THAT(answer.said, HasSubstr(file_->path() + ": 'kafka.brokers' is missing: add it, or set SLUICE_KAFKA_BROKERS ("));
  }
}

TEST_P(SettingsOfDaemonTest, RefusesAFileThatItCannotRead) {
  const Answer missing = check("/nonexistent/sluice.yaml");
  EXPECT_EQ(missing.code, 1);
  EXPECT_EQ(missing.said, "/nonexistent/sluice.yaml: cannot be read: No such file or directory\n");
  const Answer folder = check(testing::TempDir());
  EXPECT_EQ(folder.code, 1);
  EXPECT_THAT(folder.said, HasSubstr(": cannot be read: Is a directory"));
  if (::geteuid() == 0) return;  // who may read everything
  const TemporaryFile closed(least());
  ASSERT_EQ(::chmod(closed.path().c_str(), 0), 0);
  EXPECT_THAT(check(closed.path()).said, HasSubstr(": cannot be read: Permission denied"));
}

TEST_P(SettingsOfDaemonTest, RefusesBytesThatAreNoText) {
  for (const std::string& bytes :
       {std::string("\0\1\2", 3), std::string("\xff\xfe\x00", 3), std::string(100'000, '['), std::string(100'000, '&')}) {
    EXPECT_EQ(check_text(bytes).code, 1);
  }
  const Answer large = check_text(std::string(1024 * 1024 + 1, '#'));
  EXPECT_EQ(large.code, 1);
  EXPECT_THAT(large.said, HasSubstr(": has more than 1048576 bytes"));
}

TEST_P(SettingsOfDaemonTest, TakesTheEnvironmentBeforeTheFileAndNamesTheVariableThatIsWrong) {
  ::setenv("SLUICE_TOPICS_PARTITIONS", "16", 1);
  EXPECT_THAT(check_text(least()).said, HasSubstr("topics.partitions = 16  (environment variable SLUICE_TOPICS_PARTITIONS)\n"));
  ::setenv("SLUICE_TOPICS_PARTITIONS", "many", 1);
  const Answer wrong = check_text(least());
  ::unsetenv("SLUICE_TOPICS_PARTITIONS");
  EXPECT_EQ(wrong.code, 1);
  EXPECT_THAT(wrong.said, HasSubstr("environment variable SLUICE_TOPICS_PARTITIONS must be a whole number from 1 to 4096, not "
                                    "'many' (how many partitions"));
}

TEST_P(SettingsOfDaemonTest, DoesNotStartWithWhatItRefuses) {
  const TemporaryFile wrong(least() + "topics: {partitions: 0}\n");
  const Answer answer = run({GetParam().program, "--config", wrong.path()});
  EXPECT_EQ(answer.code, 1);
  EXPECT_THAT(answer.said, HasSubstr(fmt::format(" error sluice-{} ends: {}:", GetParam().name, wrong.path())));
  EXPECT_EQ(std::ranges::count(answer.said, '\n'), 1) << answer.said;
}

TEST_P(SettingsOfDaemonTest, RefusesASecretThatIsNotThere) {
  const std::string settings = least();
  const std::size_t place = settings.find(secret_.path());
  if (place == std::string::npos) return;  // it can do without
  for (const auto& [file, problem] :
       {std::pair<std::string, std::string>{"/nonexistent/secret", "No such file"}, {"/dev/null", "is empty"}}) {
    std::string other = settings;
    const Answer answer = check_text(other.replace(place, secret_.path().size(), file));
    EXPECT_EQ(answer.code, 1);
    EXPECT_THAT(answer.said, testing::AllOf(HasSubstr(file), HasSubstr(problem)));
  }
}

TEST_P(SettingsOfDaemonTest, TellsItsVersionAndWhatItCanBeAsked) {
  EXPECT_EQ(run({GetParam().program, "--version"}).said, fmt::format("sluice-{} {}\n", GetParam().name, SLUICE_VERSION));
  const Answer help = run({GetParam().program, "--help"});
  EXPECT_EQ(help.code, 0);
  for (const char* flag : {"--config FILE", "--check-config", "--describe-settings", "--describe-metrics", "--version"}) {
    EXPECT_THAT(help.said, HasSubstr(flag));
  }
  EXPECT_NE(run({GetParam().program}).code, 0);
  EXPECT_NE(run({GetParam().program, "--conifg", "x"}).code, 0);
}

INSTANTIATE_TEST_SUITE_P(Daemons, SettingsOfDaemonTest, testing::ValuesIn(all_daemons()), name_of);

}  // namespace
}  // namespace sluice
