#include "ledger/lane_thread.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>

#include "ledger/lanes.h"
#include "tests/ledger/scripted_ports.h"
#include "tests/runtime/temporary_folder.h"

namespace sluice {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;
using State = LaneThread::State;

class LaneThreadTest : public testing::Test {
 protected:
  LaneThreadTest() { settings_.poll_wait = milliseconds(2); }
  ~LaneThreadTest() override {
    if (lane_) end();
  }

  void start(std::deque<Result<void>> script) {
    script_ = std::make_unique<Script>(std::move(script));
    open_ports_ = [this](Partition) -> Result<LanePorts> {
      ++opened_;
      return scripted_ports(*script_);
    };
    lane_ = std::make_unique<LaneThread>(LedgerIdentity{{3}, {1}, 8}, settings_, open_ports_, metrics_);
  }

  bool reaches(State state) {
    return comes_true([&] { return lane_->state() == state; });
  }

  void end() {
    lane_->ask_to_end();
    ASSERT_TRUE(lane_->wait_until_ended(std::chrono::steady_clock::now() + seconds(20)));
    lane_.reset();
  }

  LaneSettings settings_;
  Metrics metrics_;
  std::unique_ptr<Script> script_;
  std::atomic<int> opened_ = 0;
  OpenPorts open_ports_;
  std::unique_ptr<LaneThread> lane_;
};

TEST_F(LaneThreadTest, RunsOnceTheLaneHasStarted) {
  start({});
  EXPECT_TRUE(reaches(State::kRunning));
  EXPECT_EQ(lane_->trouble(), "");
  EXPECT_THAT(metrics_.text(), HasSubstr("sluice_ledger_lane_running{partition=\"3\"} 1"));
}

TEST_F(LaneThreadTest, ShowsAnEndedLaneAsNotRunning) {
  start({});
  ASSERT_TRUE(reaches(State::kRunning));
  end();
  EXPECT_THAT(metrics_.text(), HasSubstr("sluice_ledger_lane_running{partition=\"3\"} 0"));
}

TEST_F(LaneThreadTest, StartsAgainAfterARetryableErrorWithPortsMadeAnew) {
  start({Error::retryable("broker away"), Error::retryable("broker away")});
  EXPECT_TRUE(reaches(State::kRunning));
  EXPECT_EQ(script_->attempts(), 3);
  EXPECT_EQ(opened_, 3);
}

TEST_F(LaneThreadTest, StartsAgainWhenItsPortsCannotBeOpened) {
  int attempts = 0;
  Script script;
  open_ports_ = [&](Partition) -> Result<LanePorts> {
    if (++attempts == 1) return Error::retryable("another process has the folder open");
    return scripted_ports(script);
  };
  lane_ = std::make_unique<LaneThread>(LedgerIdentity{{3}, {1}, 8}, settings_, open_ports_, metrics_);
  EXPECT_TRUE(reaches(State::kRunning));
  end();
}

TEST_F(LaneThreadTest, AFencedLaneEndsAndDoesNotTryAgain) {
  start({Error::fenced("taken over")});
  EXPECT_TRUE(lane_->wait_until_ended(std::chrono::steady_clock::now() + seconds(20)));
  EXPECT_EQ(lane_->state(), State::kFenced);
  EXPECT_EQ(script_->attempts(), 1);
  EXPECT_THAT(lane_->trouble(), HasSubstr("taken over"));
}

TEST_F(LaneThreadTest, ALaneThatAPersonHasToLookAtStopsAndSaysWhy) {
  settings_.failed_pause = seconds(1000);
  settings_.failed_pause_max = seconds(1000);
  start({Error::fatal("orders was cut")});
  ASSERT_TRUE(reaches(State::kFailed));
  EXPECT_THAT(lane_->trouble(), HasSubstr("orders was cut"));
  EXPECT_EQ(script_->attempts(), 1) << "it is not tried again soon";
  EXPECT_THAT(metrics_.text(), HasSubstr("sluice_ledger_lane_failed{partition=\"3\"} 1"));
  end();
  EXPECT_THAT(metrics_.text(), HasSubstr("sluice_ledger_lane_failed{partition=\"3\"} 0"));
}

TEST_F(LaneThreadTest, AFailedLaneIsTriedAgainLessAndLessOften) {
  settings_.failed_pause = milliseconds(10);
  settings_.failed_pause_max = milliseconds(160);
  start(std::deque<Result<void>>(7, Error::fatal("a newer intent")));
  const auto begun = std::chrono::steady_clock::now();
  ASSERT_TRUE(reaches(State::kFailed));
  ASSERT_TRUE(reaches(State::kRunning)) << "somebody has mended it";
  EXPECT_GE(std::chrono::steady_clock::now() - begun, milliseconds(10 + 20 + 40 + 80 + 160 + 160 + 160) / 2);
  EXPECT_EQ(script_->attempts(), 8);
  EXPECT_EQ(lane_->trouble(), "");
  EXPECT_THAT(metrics_.text(), HasSubstr("sluice_ledger_lane_failed{partition=\"3\"} 0"));
}

TEST_F(LaneThreadTest, TroubleThatShouldHavePassedAndHasNotCountsAsFailed) {
  settings_.failed_after = milliseconds(250);
  start(std::deque<Result<void>>(100, Error::retryable("broker away")));
  ASSERT_TRUE(comes_true([&] { return script_->attempts() == 1; }));
  EXPECT_NE(lane_->state(), State::kFailed);
  EXPECT_TRUE(reaches(State::kFailed));
}

TEST_F(LaneThreadTest, EndsAtOnceWhileItWaitsToTryAgain) {
  start(std::deque<Result<void>>(100, Error::retryable("broker away")));
  ASSERT_TRUE(comes_true([&] { return script_->attempts() >= 4; }));  // it now waits for most of a second
  end();
}

TEST_F(LaneThreadTest, StartingAgainAndAgainIsNoProgress) {
  start(std::deque<Result<void>>(100, Error::retryable("broker away")));
  ASSERT_TRUE(comes_true([&] { return script_->attempts() >= 3; }));
  EXPECT_GE(lane_->since_progress(), milliseconds(300));  // the two waits between three attempts
}

TEST_F(LaneThreadTest, AnIdleLaneMakesProgress) {
  start({});
  ASSERT_TRUE(reaches(State::kRunning));
  const auto begun = std::chrono::steady_clock::now();
  ASSERT_TRUE(comes_true([&] { return std::chrono::steady_clock::now() - begun > milliseconds(100); }));
  EXPECT_TRUE(comes_true([&] { return lane_->since_progress() < milliseconds(50); }));
}

class LocalStateTest : public LaneThreadTest {
 protected:
  LocalStateTest() {
    disk_ = std::make_unique<DiskWatch>(directory_, 1000, metrics_,
                                        [this](const std::filesystem::path&) -> Result<std::uint64_t> { return free_.load(); });
  }
  ~LocalStateTest() override {
    if (lane_) end();
  }

  void start(std::deque<Result<void>> script) {
    script_ = std::make_unique<Script>(std::move(script));
    open_ports_ = [this](Partition partition) -> Result<LanePorts> {
      if (auto room = disk_->check(); !room) return room.error();
      ++opened_;
      LanePorts ports = scripted_ports(*script_);
      ports.folder = std::make_unique<StoreFolder>(directory_, partition, metrics_);
      ports.disk = disk_.get();
      return ports;
    };
    lane_ = std::make_unique<LaneThread>(LedgerIdentity{{3}, {1}, 8}, settings_, open_ports_, metrics_);
  }

  const TemporaryFolder temporary_;
  const std::filesystem::path directory_ = temporary_.path();
  std::atomic<std::uint64_t> free_ = 5000;
  std::unique_ptr<DiskWatch> disk_;
};

TEST_F(LocalStateTest, CondemnsAStoreThatWasFoundDamagedAndStartsAgainSoon) {
  settings_.failed_pause = seconds(1000);
  start({Error::damaged("checksum mismatch")});
  EXPECT_TRUE(reaches(State::kRunning));
  EXPECT_TRUE(std::filesystem::exists(directory_ / "3.unusable"));
  EXPECT_EQ(opened_, 2);
}

TEST_F(LocalStateTest, CondemnsNoStoreForTroubleOfAnotherKind) {
  start({Error::retryable("broker away"), Error::fatal("orders was cut")});
  ASSERT_TRUE(comes_true([&] { return script_->attempts() == 2; }));
  EXPECT_TRUE(reaches(State::kFailed));
  EXPECT_FALSE(std::filesystem::exists(directory_ / "3.unusable"));
}

TEST_F(LocalStateTest, StandsStillWhileTheDiskIsNearlyFullAndGoesOnByItself) {
  start({});
  ASSERT_TRUE(reaches(State::kRunning));
  free_ = 10;
  ASSERT_TRUE(comes_true([&] { return lane_->trouble().find("nearly full") != std::string::npos; }));
  EXPECT_NE(lane_->state(), State::kRunning);
  EXPECT_THAT(metrics_.text(), HasSubstr("sluice_ledger_lane_running{partition=\"3\"} 0"));
  EXPECT_EQ(opened_, 1) << "opening a store writes, too";
  free_ = 5000;
  EXPECT_TRUE(reaches(State::kRunning));
}

class LanesTest : public testing::Test {
 protected:
  Lanes lanes_of(std::map<std::int32_t, Script>& scripts) {
    LanesSettings settings{.generation = {1}, .partition_count = 8, .lane = {}};
    settings.lane.poll_wait = milliseconds(2);
    return Lanes(
        settings, [&](Partition partition) -> Result<LanePorts> { return scripted_ports(scripts.at(partition.value)); },
        metrics_);
  }

  Metrics metrics_;
};

TEST_F(LanesTest, StartsALaneForEachPartitionAndStopsThemAll) {
  std::map<std::int32_t, Script> scripts;
  for (const std::int32_t partition : {1, 4, 6}) scripts[partition];
  Lanes lanes = lanes_of(scripts);
  lanes.start(std::vector<std::int32_t>{1, 4, 6});
  EXPECT_TRUE(comes_true([&] { return lanes.why_not_running().empty(); }));
  lanes.stop();
  for (const auto& [partition, script] : scripts) EXPECT_EQ(script.attempts(), 1) << partition;
  EXPECT_EQ(lanes.longest_without_progress(), milliseconds(0));
}

TEST_F(LanesTest, AFencedLaneIsStartedByTheNextAssignmentOnly) {
  std::map<std::int32_t, Script> scripts;
  scripts.emplace(std::piecewise_construct, std::forward_as_tuple(2),
                  std::forward_as_tuple(std::deque<Result<void>>{Error::fenced("taken over")}));
  Lanes lanes = lanes_of(scripts);
  lanes.start(std::vector<std::int32_t>{2});
  ASSERT_TRUE(comes_true([&] { return lanes.why_not_running().find("taken over") != std::string::npos; }));
  EXPECT_EQ(scripts.at(2).attempts(), 1);
  lanes.stop();
  lanes.start(std::vector<std::int32_t>{2});
  EXPECT_TRUE(comes_true([&] { return lanes.why_not_running().empty(); }));
}

TEST_F(LanesTest, TellsTheFailureOfOneLaneWhileOthersRun) {
  std::map<std::int32_t, Script> scripts;
  scripts[1];
  scripts.emplace(std::piecewise_construct, std::forward_as_tuple(2),
                  std::forward_as_tuple(std::deque<Result<void>>{Error::fatal("intents are missing")}));
  Lanes lanes = lanes_of(scripts);
  lanes.start(std::vector<std::int32_t>{1, 2});
  ASSERT_TRUE(comes_true([&] { return lanes.why_not_running().find("intents are missing") != std::string::npos; }));
  const auto seen = std::chrono::steady_clock::now();
  ASSERT_TRUE(comes_true([&] { return std::chrono::steady_clock::now() - seen > milliseconds(200); }));
  EXPECT_TRUE(comes_true([&] { return lanes.longest_without_progress() < milliseconds(100); }))
      << "the failed lane must not cost the other its partition";
  EXPECT_THAT(metrics_.text(), HasSubstr("sluice_ledger_lane_running{partition=\"1\"} 1"));
}

TEST_F(LanesTest, MakesNoProgressWhenAllLanesHaveFailed) {
  std::map<std::int32_t, Script> scripts;
  for (const std::int32_t partition : {1, 2}) {
    scripts.emplace(std::piecewise_construct, std::forward_as_tuple(partition),
                    std::forward_as_tuple(std::deque<Result<void>>{Error::fatal("the disk is nearly full")}));
  }
  Lanes lanes = lanes_of(scripts);
  lanes.start(std::vector<std::int32_t>{1, 2});
  EXPECT_TRUE(comes_true([&] { return lanes.longest_without_progress() > milliseconds(300); }));
}

// The call returns when the test lets it.
class HangingWriter : public ScriptedWriter {
 public:
  HangingWriter(Script& script, std::atomic<bool>& entered, BoundedQueue<int>& returns)
      : ScriptedWriter(script), entered_(entered), returns_(returns) {}
  Result<void> acquire() override {
    entered_ = true;
    returns_.pop_for(seconds(60));
    return ScriptedWriter::acquire();
  }

 private:
  std::atomic<bool>& entered_;
  BoundedQueue<int>& returns_;
};

class HangingLanes {
 public:
  explicit HangingLanes(milliseconds call_timeout) {
    LanesSettings settings{.generation = {1}, .partition_count = 8, .lane = {}, .call_timeout = call_timeout};
    settings.lane.poll_wait = milliseconds(2);
    lanes_.emplace(
        settings,
        [this](Partition) -> Result<LanePorts> {
          LanePorts ports = scripted_ports(script_);
          ports.writer = std::make_unique<HangingWriter>(script_, entered_, returns_);
          return ports;
        },
        metrics_);
    lanes_->start(std::vector<std::int32_t>{3});
  }

  Script script_;
  std::atomic<bool> entered_ = false;
  BoundedQueue<int> returns_{1};
  Metrics metrics_;
  std::optional<Lanes> lanes_;
};

TEST(CallWatchTest, ACallThatDoesNotReturnEndsTheProcessAndSaysWhich) {
  EXPECT_EXIT(
      {
        HangingLanes hanging(milliseconds(50));
        comes_true([&] {
          hanging.lanes_->watch_calls();
          return false;
        });
      },
      testing::ExitedWithCode(EXIT_FAILURE), "partition 3: init_transactions has not returned for [0-9]+ ms");
}

TEST(CallWatchTest, SoItDoesWhileTheLanesAreBeingStopped) {
  EXPECT_EXIT(
      {
        HangingLanes hanging(milliseconds(50));
        comes_true([&] { return hanging.entered_.load(); });
        hanging.lanes_->stop();
      },
      testing::ExitedWithCode(EXIT_FAILURE), "partition 3: init_transactions has not returned for [0-9]+ ms");
}

TEST(CallWatchTest, ACallThatTakesItsTimeAndReturnsIsShownAndEndsNothing) {
  HangingLanes hanging(seconds(30));
  EXPECT_TRUE(comes_true([&] {
    hanging.lanes_->watch_calls();
    return hanging.metrics_.text().find("sluice_ledger_lane_call_seconds{partition=\"3\"} 0.") != std::string::npos;
  }));
  ASSERT_TRUE(hanging.returns_.push(1));
  EXPECT_TRUE(comes_true([&] { return hanging.lanes_->why_not_running().empty(); }));
  hanging.lanes_->watch_calls();
  EXPECT_THAT(hanging.metrics_.text(), HasSubstr("sluice_ledger_lane_call_seconds{partition=\"3\"} 0\n"));
}

}  // namespace
}  // namespace sluice
