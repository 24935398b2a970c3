#include "runtime/daemon.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/log.h"
#include "tests/runtime/temporary_file.h"

namespace sluice {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class DaemonTest : public testing::Test {
 protected:
  // Runs it with these words on its command line, and keeps what it printed.
  int run(std::vector<const char*> words, const std::function<Result<void>(StopSignal&)>& body) {
    words.insert(words.begin(), "sluice-x");
    SettingFields fields;
    fields.optional("x.count", count_, {1, 10}, "how many");
    fields.optional("x.password_file", password_file_, "its file; a | b");
    const DaemonParts parts{.program = {"sluice-x", "1.2.3", "Tries it."},
                            .check = [this] { return check(); },
                            .register_metrics =
                                [](Metrics& metrics) {
                                  metrics.counter("sluice_x_total", "What it counts", {{"kind", "a"}});
                                  metrics.counter("sluice_x_total", "What it counts", {{"kind", "b"}});
                                  metrics.histogram("sluice_x_seconds", "How long", {1, 2});
                                  metrics.gauge("sluice_x_open", "How many");
                                },
                            .run = body};
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    const int code = run_daemon(parts, fields, static_cast<int>(words.size()), words.data());
    out_ = testing::internal::GetCapturedStdout();
    err_ = testing::internal::GetCapturedStderr();
    return code;
  }

  static Result<void> stops_at_once(StopSignal&) { return {}; }
  static Result<void> is_not_reached(StopSignal&) {
    ADD_FAILURE();
    return {};
  }

  Result<void> check() const {
    if (password_file_.empty()) return {};
    const auto password = read_secret_file(password_file_);
    return password ? Result<void>() : password.error();
  }

  int count_ = 1;
  std::string password_file_;
  std::string out_;
  std::string err_;
};

TEST_F(DaemonTest, RunsWithItsSettingsUntilAskedToStop) {
  const TemporaryFile config("x: {count: 7}\n");
  const int code = run({"--config", config.path().c_str()}, [&](StopSignal& stop) -> Result<void> {
    EXPECT_EQ(count_, 7);
    stop.request();
    EXPECT_TRUE(stop.requested());
    return {};
  });
  EXPECT_EQ(code, 0);
  EXPECT_THAT(err_, HasSubstr("info sluice-x 1.2.3 starts with " + config.path() + "\n"));
  EXPECT_THAT(err_, HasSubstr("info sluice-x ends: it was asked to stop\n"));
}

TEST_F(DaemonTest, EndsWithOneLineOnWhatItCannotHandle) {
  const TemporaryFile config("x: {count: 7}\nlog: {level: error}\n");
  const int code =
      run({"--config", config.path().c_str()}, [](StopSignal&) -> Result<void> { return Error::fatal("the disk is full"); });
  set_log_level(LogLevel::kInfo);
  EXPECT_EQ(code, 1);
  EXPECT_THAT(err_, testing::EndsWith(" error sluice-x ends: the disk is full\n"));
  EXPECT_EQ(std::count(err_.begin(), err_.end(), '\n'), 1);
}

TEST_F(DaemonTest, DoesNotRunWithWrongSettings) {
  const TemporaryFile wrong("x: {count: 11}\n");
  EXPECT_EQ(run({"--config", wrong.path().c_str()}, is_not_reached), 1);
  EXPECT_THAT(err_, HasSubstr(wrong.path() + ":1: 'x.count' must be a whole number from 1 to 10, not '11'"));

  const TemporaryFile loud("log: {level: loud}\n");
  EXPECT_EQ(run({"--config", loud.path().c_str()}, is_not_reached), 1);
  EXPECT_THAT(err_, HasSubstr(loud.path() + ":1: 'log.level' must be one of debug, info, warning, error, not 'loud'"));
}

TEST_F(DaemonTest, DoesNotRunWhenItsFilesAreNotThere) {
  const TemporaryFile config("x: {password_file: /nonexistent/password}\n");
  EXPECT_EQ(run({"--config", config.path().c_str()}, is_not_reached), 1);
  EXPECT_THAT(err_, HasSubstr("/nonexistent/password: cannot be read"));
}

TEST_F(DaemonTest, ChecksItsSettingsWithoutShowingASecret) {
  const TemporaryFile password("hunter2\n");
  const TemporaryFile config("x:\n  count: 7\n  password_file: " + password.path() + "\n");
  EXPECT_EQ(run({"--check-config", "--config", config.path().c_str()}, is_not_reached), 0);
  EXPECT_THAT(out_, StartsWith("x.count = 7  (" + config.path() + ":2)\nx.password_file = " + password.path() + "  (" +
                               config.path() + ":3)\nlog.level = info  (default)\n"));
  EXPECT_THAT(out_, testing::EndsWith("sluice-x: " + config.path() + " is good\n"));
  EXPECT_THAT(out_ + err_, testing::Not(HasSubstr("hunter2")));
}

TEST_F(DaemonTest, NamesAVariableThatNobodyReadsWhenItChecks) {
  ::setenv("SLUICE_X_CUONT", "7", 1);
  const TemporaryFile config("");
  EXPECT_EQ(run({"--check-config", "--config", config.path().c_str()}, is_not_reached), 0);
  ::unsetenv("SLUICE_X_CUONT");
  EXPECT_THAT(out_, HasSubstr("environment variable SLUICE_X_CUONT is no setting: nobody reads it\n"));
}

TEST_F(DaemonTest, SaysWhatIsWrongWhenItChecks) {
  const TemporaryFile wrong("x: {count: 11}\n");
  EXPECT_EQ(run({"--check-config", "--config", wrong.path().c_str()}, is_not_reached), 1);
  EXPECT_EQ(err_, wrong.path() + ":1: 'x.count' must be a whole number from 1 to 10, not '11' (how many)\n");
  const TemporaryFile missing("x: {password_file: /nonexistent/password}\n");
  EXPECT_EQ(run({"--check-config", "--config", missing.path().c_str()}, is_not_reached), 1);
  EXPECT_EQ(err_, "/nonexistent/password: cannot be read: No such file or directory\n");
  EXPECT_EQ(out_, "");
}

TEST_F(DaemonTest, DescribesItsSettingsAndMetrics) {
  EXPECT_EQ(run({"--describe-settings"}, is_not_reached), 0);
  EXPECT_EQ(out_,
            "| key | type | default | bounds | meaning |\n|---|---|---|---|---|\n"
            "| `x.count` | whole number | `1` | 1 to 10 | how many |\n"
            "| `x.password_file` | text | none |  | its file; a \\| b |\n"
            "| `log.level` | text | `info` | debug, info, warning, error | the least grave of the lines that are written |\n");
  EXPECT_EQ(run({"--describe-metrics"}, is_not_reached), 0);
  EXPECT_EQ(out_,
            "| name | type | labels | meaning |\n|---|---|---|---|\n"
            "| `sluice_x_open` | gauge |  | How many |\n"
            "| `sluice_x_seconds` | histogram |  | How long |\n"
            "| `sluice_x_total` | counter | `kind` | What it counts |\n");
}

TEST_F(DaemonTest, TellsItsVersionAndItsPurpose) {
  EXPECT_EQ(run({"--version"}, is_not_reached), 0);
  EXPECT_EQ(out_, "sluice-x 1.2.3\n");
  EXPECT_EQ(run({"--help"}, is_not_reached), 0);
  EXPECT_THAT(out_, StartsWith("Tries it.\n"));
  EXPECT_THAT(out_, HasSubstr("--config"));
}

TEST_F(DaemonTest, RefusesACommandLineThatItDoesNotUnderstand) {
  EXPECT_NE(run({}, is_not_reached), 0);
  EXPECT_THAT(err_, HasSubstr("--config is required"));
  EXPECT_NE(run({"--confg", "x"}, is_not_reached), 0);
  EXPECT_NE(run({"--check-config"}, is_not_reached), 0);
  EXPECT_THAT(err_, HasSubstr("--config is required"));
  EXPECT_NE(run({"--describe-settings", "--describe-metrics"}, is_not_reached), 0);
}

}  // namespace
}  // namespace sluice
