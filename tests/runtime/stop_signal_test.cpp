#include "runtime/stop_signal.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <ctime>
#include <thread>

namespace sluice {
namespace {

using namespace std::chrono_literals;

class StopSignalTest : public testing::Test {
 protected:
  // Takes a pending signal away, so that the next test starts without.
  ~StopSignalTest() override {
    sigset_t stopping;
    sigemptyset(&stopping);
    sigaddset(&stopping, SIGTERM);
    sigaddset(&stopping, SIGINT);
    const timespec at_once{};
    while (sigtimedwait(&stopping, nullptr, &at_once) > 0) {
    }
  }
  StopSignal stop_;
};

TEST_F(StopSignalTest, IsNotRequestedByItself) {
  EXPECT_FALSE(stop_.requested());
  EXPECT_FALSE(stop_.wait_for(1ms));
}

TEST_F(StopSignalTest, IsRequestedByEitherSignalForGood) {
  for (const int signal : {SIGTERM, SIGINT}) {
    ASSERT_EQ(::kill(::getpid(), signal), 0);
    EXPECT_TRUE(stop_.requested());
    EXPECT_TRUE(stop_.requested()) << "asking takes nothing away";
  }
}

TEST_F(StopSignalTest, WakesEveryThreadThatWaits) {
  std::thread first([&] { stop_.wait(); });
  std::thread second([&] { EXPECT_TRUE(stop_.wait_for(60s)); });
  ASSERT_EQ(::kill(::getpid(), SIGTERM), 0);
  first.join();
  second.join();
}

TEST_F(StopSignalTest, CanBeRequestedFromWithin) {
  std::thread waiting([&] { EXPECT_TRUE(stop_.wait_for(60s)); });
  stop_.request();
  stop_.request();
  waiting.join();
  EXPECT_TRUE(stop_.requested());
}

TEST_F(StopSignalTest, LetsAWriteToAClosedPipeFailInsteadOfEndingTheProcess) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  ::close(ends[0]);
  EXPECT_EQ(::write(ends[1], "x", 1), -1);
  EXPECT_EQ(errno, EPIPE);
  ::close(ends[1]);
}

}  // namespace
}  // namespace sluice
