// A world is what its seed says, and an environment that breaks its contract is found out: the oracle is not blind.
#include "tests/simulation/world.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <exception>

namespace sluice::simulation {
namespace {

constexpr int kWorldsMax = 150;

// Ends the process: 0 when nothing was found in all worlds.
[[noreturn]] void look_for_a_violation(WorldSettings settings) {
  for (int i = 1; i <= kWorldsMax; ++i) {
    settings.seed = static_cast<std::uint64_t>(i);
    try {
      World(settings).run();
    } catch (const std::exception& violation) {  // also what the ledger throws over an impossible state
      std::fprintf(stderr, "found in world %d: %s\n", i, violation.what());
      std::_Exit(1);
    }
  }
  std::_Exit(0);
}

// By a violation, or by a CHECK of the ledger itself.
bool was_found(int status) { return status != 0; }

TEST(WorldTest, IsDecidedByItsSeedAlone) {
  const WorldReport once = World({.seed = 5}).run();
  const WorldReport again = World({.seed = 5}).run();
  EXPECT_EQ(once.rulings, again.rulings);
  EXPECT_EQ(once.records, again.records);
  EXPECT_EQ(once.faults.counts, again.faults.counts);
  EXPECT_EQ(once.happenings.counts, again.happenings.counts);
  EXPECT_NE(once.rulings, World({.seed = 6}).run().rulings);
}

TEST(BrokenWorldDeathTest, ABrokerThatDoesNotFenceIsFound) {
  EXPECT_EXIT(look_for_a_violation({.broker = {.fences = false}}), was_found, "");
}

TEST(BrokenWorldDeathTest, ABrokerThatTakesWritesOutsideTransactionsIsFound) {
  EXPECT_EXIT(look_for_a_violation({.broker = {.verifies_writes = false}}), was_found, "");
}

TEST(BrokenWorldDeathTest, AReaderThatSeesUndecidedRecordsIsFound) {
  EXPECT_EXIT(look_for_a_violation({.broker = {.hides_undecided = false}}), was_found, "");
}

TEST(BrokenWorldDeathTest, AReaderThatSeesAbortedRecordsIsFound) {
  EXPECT_EXIT(look_for_a_violation({.broker = {.hides_aborted = false}}), was_found, "");
}

TEST(BrokenWorldDeathTest, AStoreThatTearsItsWritesIsFound) {
  EXPECT_EXIT(look_for_a_violation({.torn_writes = true}), was_found, "");
}

TEST(BrokenWorldDeathTest, AViewInWhichOlderRowsWinIsFound) {
  EXPECT_EXIT(look_for_a_violation({.older_rows_win = true}), was_found, "");
}

TEST(BrokenWorldDeathTest, ADatabaseThatLetsALateWriterInIsFound) {
  EXPECT_EXIT(look_for_a_violation({.shop = true, .shop_habits = {.database = {.compares_positions = false}}}), was_found, "");
}

TEST(BrokenWorldDeathTest, ADatabaseThatKeepsHalfOfATransactionIsFound) {
  EXPECT_EXIT(look_for_a_violation({.shop = true, .shop_habits = {.database = {.rolls_back = false}}}), was_found, "");
}

TEST(BrokenWorldDeathTest, AnIngestThatAnswersTwiceIsFound) {
  EXPECT_EXIT(look_for_a_violation({.shop = true, .shop_habits = {.answers_twice = true}}), was_found, "");
}

TEST(BrokenWorldDeathTest, AWorldInOrderBreaksNoPromise) {
  EXPECT_EXIT(look_for_a_violation({.shop = true}), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace sluice::simulation
