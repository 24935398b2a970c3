#include "runtime/failpoint.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <thread>

namespace sluice {
namespace {

#ifdef SLUICE_FAILPOINTS

void pass_both(int times) {
  for (int i = 0; i < times; ++i) {
    SLUICE_FAILPOINT("lane.before_commit");
    SLUICE_FAILPOINT("lane.after_commit");
  }
}

// What became of a child that lives with this variable: as waitpid() says it.
int fate_of_child(const char* variable, int passings) {
  const pid_t child = fork();
  if (child == 0) {
    setenv("SLUICE_FAILPOINTS", variable, 1);
    pass_both(passings);
    _exit(0);
  }
  int fate = 0;
  waitpid(child, &fate, WUNTRACED);
  if (WIFSTOPPED(fate)) {
    kill(child, SIGKILL);
    int end = 0;
    waitpid(child, &end, 0);
  }
  return fate;
}

TEST(FailpointTest, KillsAtTheNamedPassingAndNotBefore) {
  EXPECT_TRUE(WIFEXITED(fate_of_child("lane.after_commit=kill@3", 2)));
  const int fate = fate_of_child("lane.after_commit=kill@3", 3);
  ASSERT_TRUE(WIFSIGNALED(fate));
  EXPECT_EQ(WTERMSIG(fate), SIGKILL);
}

TEST(FailpointTest, StopsWhereItIsTold) {
  const int fate = fate_of_child("lane.before_commit=stop@1,lane.after_commit=kill@1", 1);
  ASSERT_TRUE(WIFSTOPPED(fate)) << "the step before comes first";
  EXPECT_EQ(WSTOPSIG(fate), SIGSTOP);
}

// An alarm ends it, since nothing else does.
TEST(FailpointTest, HangsTheThreadThatPassesAndNoOther) {
  const pid_t child = fork();
  if (child == 0) {
    setenv("SLUICE_FAILPOINTS", "lane.before_commit=hang@1", 1);
    std::thread hanging([] { pass_both(1); });
    pass_both(0);
    alarm(1);
    hanging.join();
    _exit(0);
  }
  int fate = 0;
  waitpid(child, &fate, 0);
  ASSERT_TRUE(WIFSIGNALED(fate)) << "the thread has returned";
  EXPECT_EQ(WTERMSIG(fate), SIGALRM);
}

TEST(FailpointTest, AbortsInTheThreadThatPasses) {
  const int fate = fate_of_child("lane.before_commit=abort@2", 2);
  ASSERT_TRUE(WIFSIGNALED(fate));
  EXPECT_EQ(WTERMSIG(fate), SIGABRT);
}

TEST(FailpointTest, DoesNothingAtStepsThatNobodyNamed) {
  EXPECT_TRUE(WIFEXITED(fate_of_child("sink.before_commit=kill@1", 50)));
  EXPECT_TRUE(WIFEXITED(fate_of_child("", 50)));
}

TEST(FailpointTest, AbortsForAFaultThatCouldNotHappen) {
  for (const char* wrong : {"lane.after_commit", "lane.after_commit=kill", "lane.after_commit=burn@1", "=kill@1",
                            "lane.after_commit=kill@0", "lane.after_commit=kill@1x"}) {
    const int fate = fate_of_child(wrong, 1);
    ASSERT_TRUE(WIFSIGNALED(fate)) << wrong;
    EXPECT_EQ(WTERMSIG(fate), SIGABRT) << wrong;
  }
}

#else

// Release: the argument does not even have to exist.
TEST(FailpointTest, IsNothingInABuildWithoutFailpoints) { SLUICE_FAILPOINT(no_such_name); }

#endif

}  // namespace
}  // namespace sluice
