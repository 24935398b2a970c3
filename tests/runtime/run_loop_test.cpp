#include "runtime/run_loop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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
  EXPECT_THAT(log, HasSubstr("main: MySQL is away; trying again in 100 ms\n"));
  EXPECT_THAT(log, HasSubstr("main: MySQL is away; trying again in 200 ms\n"));
  EXPECT_GE(called_ns[1] - called_ns[0], 90'000'000);
  EXPECT_GE(called_ns[2] - called_ns[1], 190'000'000);
  EXPECT_THAT(metrics_.text(), HasSubstr("sluice_x_loop_errors_total{loop=\"main\"} 2\n"));
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
