#include "ledger/background_thread.h"

#include <gtest/gtest.h>

#include <memory>

#include "runtime/bounded_queue.h"
#include "tests/runtime/comes_true.h"

namespace sluice {
namespace {

constexpr std::chrono::seconds kLong{10};

TEST(BackgroundThreadTest, TellsHowItEndedOneAfterTheOther) {
  BackgroundThread background;
  background.start([]() -> Result<void> { return {}; });
  EXPECT_TRUE(background.finish().ok());
  background.start([]() -> Result<void> { return Error::fenced("somebody else"); });
  const auto outcome = background.finish();
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().kind, Error::Kind::kFenced);
}

TEST(BackgroundThreadTest, RunsBesideItsOwner) {
  BackgroundThread background;
  BoundedQueue<int> go_on(1);
  background.start([&]() -> Result<void> {
    go_on.pop_for(kLong);
    return {};
  });
  EXPECT_FALSE(background.is_done());
  go_on.push(1);
  EXPECT_TRUE(comes_true([&] { return background.is_done(); }));
  EXPECT_TRUE(background.finish().ok());
}

TEST(BackgroundThreadTest, LetsGoOfWhatTheWorkHeld) {
  BackgroundThread background;
  auto held = std::make_unique<int>(7);
  background.start([held = std::move(held)]() -> Result<void> { return *held == 7 ? Result<void>() : Error::fatal("lost"); });
  EXPECT_TRUE(background.finish().ok());
}

TEST(BackgroundThreadTest, FinishesWhatWasStartedBeforeItEnds) {
  bool done = false;
  {
    BackgroundThread background;
    background.start([&]() -> Result<void> {
      done = true;
      return {};
    });
  }
  EXPECT_TRUE(done);
}

}  // namespace
}  // namespace sluice
