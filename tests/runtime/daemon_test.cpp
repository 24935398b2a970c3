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
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    const int code = run_daemon({"sluice-x", "1.2.3", "Tries it."}, static_cast<int>(words.size()), words.data(), fields, body);
    out_ = testing::internal::GetCapturedStdout();
    err_ = testing::internal::GetCapturedStderr();
    return code;
  }

  static Result<void> stops_at_once(StopSignal&) { return {}; }
  static Result<void> is_not_reached(StopSignal&) {
    ADD_FAILURE();
    return {};
  }

  int count_ = 1;
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
  EXPECT_TRUE(set_log_level("info").ok());
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
  EXPECT_THAT(err_, HasSubstr("'loud' is no log level"));
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
}

}  // namespace
}  // namespace sluice
