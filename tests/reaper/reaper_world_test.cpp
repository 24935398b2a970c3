// The reaper in worlds made up by chance.
#include <random>

#include "tests/reaper/reaper_loop_fixture.h"

namespace sluice {
namespace {

// Whatever the clocks, the ledger's pauses and the amendments of hold times: nobody loses time to pay, and all comes back.
class ReaperWorldTest : public ReaperLoopTest, public testing::WithParamInterface<unsigned> {};

TEST_P(ReaperWorldTest, NobodysTimeIsCutShort) {
  std::mt19937 dice(GetParam());
  const auto below = [&](int bound) { return static_cast<int>(dice() % static_cast<unsigned>(bound)); };
  MemoryMarks other_marks;
  auto reaper = std::make_unique<Reaper>(world_, marks_);
  Reaper other(world_, other_marks);
  reaper->clock_error = (below(3) - 1) * below(20'000);
  other.clock_error = (below(3) - 1) * below(20'000);
  std::uint32_t version = 0;
  world_.define("mask", ++version, 5);
  world_.define("soap", 1, 3);
  UnixMillis down_until = 0;
  for (int step = 0; step < 4'000; ++step) {
    world_.pass(kStep);
    if (below(20) == 0) world_.buy(below(3) == 0 ? "soap" : "mask", "user" + std::to_string(below(500)));
    if (below(300) == 0) world_.define("mask", ++version, static_cast<std::uint32_t>(1 + below(10)));
    if (below(400) == 0) down_until = world_.now() + below(6'000);
    if (below(900) == 0) reaper = std::make_unique<Reaper>(world_, marks_);
    ASSERT_TRUE(reaper->poll());
    if (GetParam() % 2 == 0) {
      ASSERT_TRUE(other.poll());
    }
    if (world_.now() >= down_until) world_.rule(static_cast<std::size_t>(1 + below(20)));
  }
  reaper->clock_error = 0;
  run_for(45 * kSecond, {reaper.get()});
  for (const auto& [order, story] : stories()) {
    ASSERT_NE(story.released_at, 0);
    ASSERT_GE(story.released_in_log_time, story.ripe);
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, ReaperWorldTest, testing::Range(1U, 41U));

}  // namespace
}  // namespace sluice
