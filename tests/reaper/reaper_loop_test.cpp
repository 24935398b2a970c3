#include "reaper/reaper_loop.h"

#include <gmock/gmock.h>

#include "tests/reaper/reaper_loop_fixture.h"

namespace sluice {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Ge;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Le;
using testing::Lt;
using testing::SizeIs;
using Fate = MemoryDueAppender::Fate;

TEST_F(ReaperLoopTest, ReleasesAHoldSoonAfterItsEndAndNotBefore) {
  Reaper reaper(world_, marks_);
  world_.define("mask", 1, 60);
  const Ticket order = world_.buy("mask", "ann");
  world_.rule();
  const UnixMillis end = world_.now() + 60 * kSecond;
  run_for(61 * kSecond, {&reaper});
  EXPECT_THAT(stories().at(order.value).released_at, AllOf(Ge(end), Le(end + 100)));
  EXPECT_LE(reaper.appender.dues.size(), 3U);
}

TEST_F(ReaperLoopTest, OpensASlotThatNobodyAsksFor) {
  Reaper reaper(world_, marks_);
  const UnixMillis first = world_.now() + 20 * kSecond;
  world_.define("mask", 1, 60, {first, first + 5 * kSecond});
  world_.define("soap", 1, 60, {first});
  run_for(30 * kSecond, {&reaper});
  EXPECT_THAT(openings("mask"),
              ElementsAre(AllOf(Ge(first), Le(first + 100)), AllOf(Ge(first + 5 * kSecond), Le(first + 5 * kSecond + 100))));
  EXPECT_THAT(openings("soap"), ElementsAre(AllOf(Ge(first), Le(first + 100))));
  EXPECT_LE(reaper.appender.dues.size(), 4U);
}

TEST_F(ReaperLoopTest, PaidAndCancelledOrdersAreAskedForNoMore) {
  Reaper reaper(world_, marks_);
  world_.define("mask", 1, 60);
  world_.pay(world_.buy("mask", "ann"), "p1");
  world_.cancel(world_.buy("mask", "eve"), "eve");
  run_for(120 * kSecond, {&reaper});
  EXPECT_THAT(reaper.appender.dues, IsEmpty());
}

TEST_F(ReaperLoopTest, AClockThatRunsFastReleasesNothingEarlyAndHardlyAsks) {
  Reaper reaper(world_, marks_);
  reaper.clock_error = kHour;
  world_.define("mask", 1, 600);
  const Ticket order = world_.buy("mask", "ann");
  world_.rule();
  const UnixMillis end = world_.now() + 600 * kSecond;
  run_for(601 * kSecond, {&reaper});
  EXPECT_THAT(stories().at(order.value).released_at, AllOf(Ge(end), Le(end + 200)));
  EXPECT_THAT(reaper.appender.dues, SizeIs(Lt(30U))) << "about one in half a minute";
}

TEST_F(ReaperLoopTest, AClockThatIsSlowReleasesWhenLogTimeHasPassed) {
  Reaper reaper(world_, marks_);
  reaper.clock_error = -kHour;
  world_.define("mask", 1, 60);
  const Ticket order = world_.buy("mask", "ann");
  world_.rule();
  const UnixMillis end = world_.now() + 60 * kSecond;
  for (int second = 0; second < 62; ++second) {
    world_.buy("soap", "eve");  // refused, but tells the time
    run_for(kSecond, {&reaper});
  }
  EXPECT_THAT(stories().at(order.value).released_at, AllOf(Ge(end), Le(end + kSecond + 100)));
}

TEST_F(ReaperLoopTest, AClockThatIsSetBackKeepsNobodyWaiting) {
  Reaper reaper(world_, marks_);
  reaper.clock_error = kHour;
  world_.define("mask", 1, 60);
  const Ticket order = world_.buy("mask", "ann");
  run_for(30 * kSecond, {&reaper});
  reaper.clock_error = 0;
  run_for(31 * kSecond, {&reaper});
  const Story story = stories().at(order.value);
  EXPECT_THAT(story.released_at, AllOf(Ge(story.ripe), Le(story.ripe + 200)));
}

TEST_F(ReaperLoopTest, ASlowLedgerEatsNobodysTimeToPay) {
  Reaper reaper(world_, marks_);
  reaper.clock_error = kHour;
  world_.define("mask", 1, 60);
  const Ticket prompt = world_.buy("mask", "ann");
  world_.rule();
  world_.pass(kStep);
  const Ticket slow = world_.buy("mask", "bob");  // asked at once, ruled on 30 s later
  ledger_is_down_ = true;
  run_for(30 * kSecond, {&reaper});
  ledger_is_down_ = false;
  for (int second = 0; second < 70; ++second) {
    world_.buy("soap", "eve");  // log time goes on, beyond both deadlines
    run_for(kSecond, {&reaper});
  }
  const auto stories = this->stories();
  EXPECT_THAT(stories.at(prompt.value).released_at, Lt(stories.at(slow.value).ripe)) << "nobody waits for another's time";
  EXPECT_GE(stories.at(slow.value).released_at, stories.at(slow.value).ripe);
  EXPECT_LE(stories.at(slow.value).released_at, stories.at(slow.value).ripe + 200);
}

TEST_F(ReaperLoopTest, AnOrderThatTheReaperHasNotSeenYetKeepsItsTime) {
  Reaper reaper(world_, marks_);
  world_.define("mask", 1, 1);
  world_.buy("mask", "ann");
  world_.rule();
  run_for(500, {&reaper});
  reaper.feed.stands_still = true;
  const Ticket unseen = world_.buy("mask", "bob");
  ledger_is_down_ = true;
  run_for(5 * kSecond, {&reaper});  // the ledger rules on what came before its pause and after it in one go
  ledger_is_down_ = false;
  reaper.feed.stands_still = false;
  run_for(3 * kSecond, {&reaper});
  const Story story = stories().at(unseen.value);
  EXPECT_THAT(story.released_at, AllOf(Ge(story.ripe), Le(story.ripe + 200)));
}

TEST_F(ReaperLoopTest, ADownLedgerFindsAHandfulOfDuesWhenItComesBack) {
  Reaper reaper(world_, marks_);
  world_.define("mask", 1, 60);
  for (int i = 0; i < 100; ++i) world_.buy("mask", "ann" + std::to_string(i));
  run_for(30 * kSecond, {&reaper});
  ledger_is_down_ = true;
  run_for(600 * kSecond, {&reaper});
  EXPECT_THAT(reaper.appender.dues, SizeIs(AllOf(Ge(2U), Lt(40U)))) << "asks again, but ever more seldom";
  ledger_is_down_ = false;
  run_for(kSecond, {&reaper});
  for (const auto& [order, story] : stories()) EXPECT_NE(story.released_at, 0);
}

TEST_F(ReaperLoopTest, ReleasesManyInPiecesWithFewOnTheirWay) {
  ReaperLimits limits;
  limits.proposals.due_orders_max = 100;
  limits.proposals.dues_on_their_way_max = 3;
  Reaper reaper(world_, marks_, limits);
  world_.define("mask", 1, 60);
  for (int i = 0; i < 5'000; ++i) world_.buy("mask", "ann" + std::to_string(i));
  world_.rule();
  run_for(60 * kSecond, {&reaper});
  std::size_t most = 0;
  for (int i = 0; i < 100; ++i) {
    world_.pass(kStep);
    ASSERT_TRUE(reaper.poll());
    most = std::max(most, world_.unruled());
    world_.rule();
  }
  EXPECT_LE(most, 3U);
  EXPECT_GE(most, 3U) << "one after the other is slower than need be";
  for (const auto& [order, story] : stories()) EXPECT_NE(story.released_at, 0);
  EXPECT_LE(reaper.appender.dues.size(), 60U);
}

TEST_F(ReaperLoopTest, ARestartReadsFromTheOldestRecordThatIsStillLive) {
  std::size_t live = 0;
  {
    Reaper reaper(world_, marks_);
    world_.define("mask", 1, 60);
    for (int i = 0; i < 50; ++i) world_.buy("mask", "early" + std::to_string(i));
    world_.rule();
    run_for(30 * kSecond, {&reaper});
    live = world_.orders().size();
    for (int i = 0; i < 20; ++i) world_.buy("mask", "late" + std::to_string(i));
    world_.rule();
    run_for(40 * kSecond, {&reaper});  // the early ones are released
    reaper.loop.own({});
  }
  Reaper next(world_, marks_);
  run_for(kStep, {&next});
  EXPECT_THAT(next.feed.starts, ElementsAre(2 * static_cast<std::int64_t>(live)));
  run_for(60 * kSecond, {&next});
  for (const auto& [order, story] : stories()) EXPECT_THAT(story.released_at, AllOf(Ge(story.ripe), Le(story.ripe + 200)));
}

TEST_F(ReaperLoopTest, ARestartRemembersASlotThatHasNotOpened) {
  const UnixMillis opens = world_.now() + 100 * kSecond;
  {
    Reaper reaper(world_, marks_);
    world_.define("soap", 1, 1);
    world_.define("mask", 1, 60, {opens});
    for (int i = 0; i < 50; ++i) {
      world_.buy("soap", "eve" + std::to_string(i));
      run_for(kSecond, {&reaper});
    }
    reaper.loop.own({});
  }
  Reaper next(world_, marks_);
  run_for(60 * kSecond, {&next});
  EXPECT_THAT(next.feed.starts, ElementsAre(2)) << "the definition of the masks is the second record";
  EXPECT_THAT(openings("mask"), ElementsAre(AllOf(Ge(opens), Le(opens + 100))));
}

TEST_F(ReaperLoopTest, WhenNothingIsLiveARestartReadsNothing) {
  {
    Reaper reaper(world_, marks_);
    world_.define("mask", 1, 1);
    world_.pay(world_.buy("mask", "ann"), "p1");
    world_.rule();
    run_for(10 * kSecond, {&reaper});  // kept by itself, as when it is killed
  }
  Reaper next(world_, marks_);
  run_for(kStep, {&next});
  EXPECT_THAT(next.feed.starts, ElementsAre(Ge(2 * static_cast<std::int64_t>(world_.orders().size()) - 1)));
  world_.buy("mask", "bob");
  run_for(2 * kSecond, {&next});
  EXPECT_THAT(next.appender.dues, SizeIs(Ge(1U)));
}

TEST_F(ReaperLoopTest, ProposesNothingWhileItReadsWhatHasLongBeenReleased) {
  {
    Reaper reaper(world_, marks_);
    world_.define("mask", 1, 1);
    for (int i = 0; i < 100; ++i) world_.buy("mask", "ann" + std::to_string(i));
    world_.rule();
    run_for(10 * kSecond, {&reaper});
  }
  marks_.marks.clear();
  world_.pass(kHour);
  ReaperLimits limits;
  limits.batch_records_max = 7;
  Reaper next(world_, marks_, limits);
  EXPECT_FALSE(next.loop.is_watching());
  run_for(kSecond, {&next});
  EXPECT_TRUE(next.loop.is_watching());
  EXPECT_THAT(next.appender.dues, IsEmpty());
}

TEST_F(ReaperLoopTest, TwoAtOnceReleaseEverythingOnce) {
  MemoryMarks other_marks;
  Reaper first(world_, marks_);
  Reaper second(world_, other_marks);
  second.clock_error = 3 * kSecond;
  world_.define("mask", 1, 30);
  for (int i = 0; i < 3'000; ++i) {
    world_.buy("mask", "ann" + std::to_string(i));
    if (i % 100 == 0) run_for(kSecond, {&first, &second});
  }
  run_for(40 * kSecond, {&first, &second});
  for (const auto& [order, story] : stories()) {
    EXPECT_THAT(story.released_at, AllOf(Ge(story.ripe), Le(story.ripe + 200)));
  }
}

TEST_F(ReaperLoopTest, AsksAgainWhenAnAppendFailsOrNobodyKnows) {
  for (const Fate lost : {Fate::kNotTaken, Fate::kNotWritten, Fate::kWrittenSaysNothing}) {
    MemoryWorld world;
    MemoryMarks marks;
    Reaper reaper(world, marks);
    int appends = 0;
    reaper.appender.fate = [&] { return ++appends < 4 ? lost : Fate::kWritten; };
    world.define("mask", 1, 1);
    const Ticket order = world.buy("mask", "ann");
    bool released = false;
    for (int i = 0; i < 3'000 && !released; ++i) {
      world.pass(kStep);
      ASSERT_TRUE(reaper.poll());
      world.rule();
      released = world.orders().back().record.change().has_released();
    }
    EXPECT_TRUE(released);
    EXPECT_EQ(world.orders().back().record.change().orders(0).id(), order.value);
    EXPECT_LE(appends, 6);
  }
}

TEST_F(ReaperLoopTest, StartsAgainFromItsMarkAfterAnErrorOfTheBroker) {
  Reaper reaper(world_, marks_);
  world_.define("mask", 1, 20);
  const Ticket order = world_.buy("mask", "ann");
  run_for(10 * kSecond, {&reaper});
  reaper.feed.fails_once = true;
  const auto failed = reaper.poll();
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind, Error::Kind::kRetryable);
  EXPECT_FALSE(reaper.loop.is_watching());
  run_for(15 * kSecond, {&reaper});
  EXPECT_TRUE(reaper.loop.is_watching());
  EXPECT_NE(stories().at(order.value).released_at, 0);
  EXPECT_THAT(reaper.feed.starts, SizeIs(2));
}

TEST_F(ReaperLoopTest, AMarkThatIsOfAnotherLogIsForgotten) {
  world_.define("mask", 1, 20);
  const Ticket order = world_.buy("mask", "ann");
  for (int i = 0; i < 10; ++i) world_.buy("soap", "eve"), world_.rule();
  for (const ReadMark mark : {ReadMark{8, 3}, ReadMark{8'000, 11}, ReadMark{-4, 1}}) {
    marks_.marks[kPartition] = mark;
    Reaper reaper(world_, marks_);
    run_for(3 * kStep, {&reaper});
    EXPECT_EQ(reaper.feed.starts.back(), 0);
    EXPECT_TRUE(reaper.loop.is_watching());
    reaper.loop.own({});
  }
  Reaper reaper(world_, marks_);
  run_for(30 * kSecond, {&reaper});
  EXPECT_NE(stories().at(order.value).released_at, 0);
}

TEST_F(ReaperLoopTest, GoesOnWhenItCannotKeepItsMarks) {
  marks_.fails = true;
  Reaper reaper(world_, marks_);
  world_.define("mask", 1, 10);
  const Ticket order = world_.buy("mask", "ann");
  run_for(12 * kSecond, {&reaper});
  EXPECT_NE(stories().at(order.value).released_at, 0);
}

TEST_F(ReaperLoopTest, StopsAtAGapInOrders) {
  Reaper reaper(world_, marks_);
  world_.define("mask", 1, 10);
  for (int i = 0; i < 5; ++i) world_.buy("mask", "ann" + std::to_string(i));
  world_.rule();

  world_.damage().erase(world_.damage().begin() + 2);
  const auto done = reaper.poll();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, Error::Kind::kFatal);
  EXPECT_THAT(done.error().message, HasSubstr("partition 0: read up to intent 2; the record of the intents 3 to 3 does not"));
}

TEST_F(ReaperLoopTest, AGapRightBehindTheMarkIsFoundToo) {
  world_.define("mask", 1, 10);
  for (int i = 0; i < 5; ++i) world_.buy("mask", "ann" + std::to_string(i));
  world_.rule();

  marks_.marks[kPartition] = {6, 3};
  world_.damage().erase(world_.damage().begin() + 3);
  Reaper reaper(world_, marks_);
  ASSERT_TRUE(reaper.poll()) << "it may be the mark that is wrong";
  EXPECT_FALSE(reaper.poll());
}

TEST_F(ReaperLoopTest, StopsAtWhatANewerLedgerWrites) {
  world_.define("mask", 1, 10);
  world_.buy("mask", "ann");
  world_.rule();
  const v1::OrderRecord known = world_.orders().back().record;
  const auto expect_upgrade = [&](const v1::OrderRecord& record) {
    world_.damage().back() = {record.SerializeAsString(), world_.now(), record};
    Reaper reaper(world_, marks_);
    const auto done = reaper.poll();
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().kind, Error::Kind::kFatal);
    EXPECT_THAT(done.error().message, HasSubstr("upgrade sluice-reaper"));
  };
  v1::OrderRecord other_body = known;
  other_body.clear_body();
  expect_upgrade(other_body);
  v1::OrderRecord other_event = known;
  other_event.mutable_change()->clear_event();
  expect_upgrade(other_event);
  v1::OrderRecord other_status = known;
  other_status.mutable_change()->mutable_orders(0)->set_status(static_cast<v1::OrderStatus>(77));
  expect_upgrade(other_status);
}

TEST_F(ReaperLoopTest, StopsAtOrdersOfAnotherGeneration) {
  world_.define("mask", 1, 10);
  world_.buy("mask", "ann");
  world_.rule();
  MemoryOrdersFeed feed(world_);
  MemoryDueAppender appender(world_);
  Metrics registry;
  ReaperMetrics metrics(registry);
  ReaperLoop loop({}, Generation{2}, feed, appender, marks_, metrics);
  const std::vector<Partition> all = {kPartition};
  loop.own(all);
  const auto done = loop.poll_once(world_.now());
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().message, HasSubstr("set topics.generation to"));
}

TEST_F(ReaperLoopTest, StopsAtBytesThatAreNoRecord) {
  world_.define("mask", 1, 10);
  world_.rule();
  world_.damage().back().bytes = "\xff\xff";
  Reaper reaper(world_, marks_);
  const auto done = reaper.poll();
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().message, HasSubstr("is no record: somebody else writes to the topic"));
}

TEST_F(ReaperLoopTest, WaitsForRecordsUntilTheNextThingIsDue) {
  Reaper reaper(world_, marks_);
  ASSERT_TRUE(reaper.poll());
  EXPECT_EQ(reaper.feed.last_wait.count(), 100) << "nothing is to come";
  world_.define("mask", 1, 10);
  world_.buy("mask", "ann");
  world_.rule();
  ASSERT_TRUE(reaper.poll());
  world_.pass(10 * kSecond - 30);
  ASSERT_TRUE(reaper.poll());
  EXPECT_EQ(reaper.feed.last_wait.count(), 30);
}

}  // namespace
}  // namespace sluice
