#include "runtime/run_loop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "runtime/clock.h"
#include "tests/runtime/comes_true.h"

namespace sluice {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class RunLoopTest : public testing::Test {
 protected:
  Metrics metrics_;
  StopSignal stop_;
  RunLoop loop_{metrics_, stop_, "x", "main"};
};

TEST_F(RunLoopTest, CallsAgainAndAgainUntilStopIsRequested) {
  int cycles = 0;
  const auto done = loop_.run([&](std::int64_t) -> Result<void> {
    if (++cycles == 5) stop_.request();
    return {};
  });
  EXPECT_TRUE(done.ok());
  EXPECT_EQ(cycles, 5);
  EXPECT_THAT(metrics_.text(), HasSubstr("sluice_x_loop_cycles_total{loop=\"main\"} 5\n"));
}

TEST_F(RunLoopTest, TellsTheTime) {
  const std::int64_t before_ms = unix_millis();
  const auto done = loop_.run([&](std::int64_t now_ms) -> Result<void> {
    EXPECT_GE(now_ms, before_ms);
    EXPECT_LE(now_ms, unix_millis());
    stop_.request();
    return {};
  });
  EXPECT_TRUE(done.ok());
}

TEST_F(RunLoopTest, EndsWithAnErrorThatTryingAgainDoesNotMend) {
  for (const Error& error : {Error::fatal("disk full"), Error::fenced("another owner")}) {
    const auto done = loop_.run([&](std::int64_t) -> Result<void> { return error; });
    ASSERT_FALSE(done.ok());
    EXPECT_EQ(done.error().kind, error.kind);
    EXPECT_EQ(done.error().message, error.message);
  }
}

TEST_F(RunLoopTest, WaitsLongerAfterEachRetryableErrorInARow) {
  std::vector<std::int64_t> called_ns;
  testing::internal::CaptureStderr();
  const auto done = loop_.run([&](std::int64_t) -> Result<void> {
    called_ns.push_back(steady_nanos());
    if (called_ns.size() < 3) return Error::retryable("MySQL is away");
    stop_.request();
    return {};
  });
  EXPECT_TRUE(done.ok());
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_THAT(log, HasSubstr("warning main: MySQL is away; trying again\n"));
  EXPECT_EQ(std::ranges::count(log, '\n'), 1) << log;
  EXPECT_GE(called_ns[1] - called_ns[0], 90'000'000);
  EXPECT_GE(called_ns[2] - called_ns[1], 190'000'000);
  EXPECT_THAT(metrics_.text(), HasSubstr("sluice_x_loop_errors_total{loop=\"main\"} 2\n"));
}

TEST_F(RunLoopTest, SaysEachErrorOnceAndThatItWorksAgain) {
  std::int64_t last_error_ns = 0;
  int cycles = 0;
  testing::internal::CaptureStderr();
  const auto done = loop_.run([&](std::int64_t) -> Result<void> {
    ++cycles;
    if (cycles == 1 || cycles == 3 || cycles == 5) last_error_ns = steady_nanos();
    if (cycles == 1 || cycles == 3) return Error::retryable("MySQL is away");
    if (cycles == 5) return Error::retryable("MySQL is full");
    stop_.wait_for(1ms);
    if (steady_nanos() - last_error_ns > 2'500'000'000) stop_.request();
    return {};
  });
  EXPECT_TRUE(done.ok());
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              testing::MatchesRegex("[^\n]*warning main: MySQL is away; trying again\n"
                                    "[^\n]*warning main: MySQL is full; trying again\n"
                                    "[^\n]*info main: works now, after 3 attempts that failed\n"));
}

TEST_F(RunLoopTest, WaitsAtTheStartForWhatItNeeds) {
  int attempts = 0;
  testing::internal::CaptureStderr();
  const auto done = loop_.run_until_done(
      [&](std::int64_t) -> Result<void> { return ++attempts < 3 ? Error::retryable("no Kafka yet") : Result<void>(); });
  ASSERT_TRUE(done.ok());
  EXPECT_TRUE(*done);
  EXPECT_EQ(attempts, 3);
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              testing::EndsWith("info main: works now, after 2 attempts that failed\n"));
}

TEST_F(RunLoopTest, StopsWaitingAtTheStartWhenAskedToOrWhenItIsInVain) {
  const auto failed = loop_.run_until_done([](std::int64_t) -> Result<void> { return Error::fatal("another Kafka"); });
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().message, "another Kafka");
  testing::internal::CaptureStderr();
  const auto stopped = loop_.run_until_done([&](std::int64_t) -> Result<void> {
    stop_.request();
    return Error::retryable("no Kafka yet");
  });
  testing::internal::GetCapturedStderr();
  ASSERT_TRUE(stopped.ok());
  EXPECT_FALSE(*stopped);
}

TEST_F(RunLoopTest, DoesNotSitOutAPauseWhenAskedToStop) {
  const std::int64_t started_ns = steady_nanos();
  testing::internal::CaptureStderr();
  const auto done = loop_.run([&](std::int64_t) -> Result<void> {
    stop_.request();
    return Error::retryable("away");
  });
  testing::internal::GetCapturedStderr();
  EXPECT_TRUE(done.ok());
  EXPECT_LT(steady_nanos() - started_ns, 90'000'000);
}

TEST_F(RunLoopTest, MeasuresItsLongestCycle) {
  Gauge& longest =
      metrics_.gauge("sluice_x_loop_longest_cycle_seconds", "The longest cycle since the start", {{"loop", "main"}});
  int cycles = 0;
  const auto done = loop_.run([&](std::int64_t) -> Result<void> {
    if (++cycles == 1) stop_.wait_for(20ms);
    if (cycles == 3) stop_.request();
    return {};
  });
  EXPECT_TRUE(done.ok());
  EXPECT_GE(longest.Value(), 0.019);
}

TEST_F(RunLoopTest, ShowsThatACycleHangs) {
  std::thread running([&] {
    const auto done = loop_.run([&](std::int64_t) -> Result<void> {
      stop_.wait();
      return {};
    });
    EXPECT_TRUE(done.ok());
  });
  EXPECT_TRUE(comes_true([&] { return loop_.since_last_cycle() > 20ms; }));
  stop_.request();
  running.join();
  EXPECT_LT(loop_.since_last_cycle(), 10s);
}

}  // namespace
}  // namespace sluice
