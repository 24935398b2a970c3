#include "ledger/ledger_loop.h"

#include <gmock/gmock.h>

#include "runtime/clock.h"
#include "schemas/topics.h"
#include "tests/kafka/real_broker.h"
#include "tests/ledger/scripted_ports.h"

namespace sluice {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;

// A ledger process without its rules: real membership, lanes over nothing.
class Process {
 public:
  Process(const kafka::ClientSettings& client, const std::string& application, const std::string& instance,
          std::deque<Result<void>> script = {}, milliseconds progress_timeout = seconds(30))
      : script_(std::move(script)),
        lanes_(
            settings(), [this](Partition) -> Result<LanePorts> { return scripted_ports(script_); }, metrics_),
        loop_({.client = client,
               .application = application,
               .instance = instance,
               .progress_timeout = progress_timeout,
               .time_away = milliseconds(500)},
              lanes_, stop_) {}
  ~Process() { loop_.end(); }

  void poll_once() {
    if (failure_) return;
    const auto polled = loop_.poll_once(unix_millis());
    if (!polled) failure_ = polled.error();
  }

  bool is_ready() const { return loop_.why_not_ready().empty(); }
  int lanes_started() const { return script_.attempts(); }

  LedgerLoop& loop() { return loop_; }
  const std::optional<Error>& failure() const { return failure_; }

 private:
  static LanesSettings settings() {
    LanesSettings settings{.generation = {1}, .partition_count = kDefaultPartitions, .lane = {}};
    settings.lane.poll_wait = milliseconds(2);
    return settings;
  }

  std::optional<Error> failure_;
  Metrics metrics_;
  StopSignal stop_;
  Script script_;
  Lanes lanes_;
  LedgerLoop loop_;
};

class LedgerLoopTest : public kafka::RealBrokerTest {
 protected:
  void SetUp() override {
    RealBrokerTest::SetUp();
    if (HasFatalFailure()) return;
    make_the_topics();
    application_ = unique("application");
  }

  template <typename Condition>
  bool poll_until(std::vector<Process*> processes, Condition condition) {
    return comes_true([&] {
      for (Process* process : processes) process->poll_once();
      return condition();
    });
  }

  std::string application_;
};

TEST_F(LedgerLoopTest, IsReadyWhenAllAssignedLanesRun) {
  Process only(client_, application_, "a");
  EXPECT_THAT(only.loop().why_not_ready(), HasSubstr("not assigned"));
  EXPECT_TRUE(poll_until({&only}, [&] { return only.is_ready(); }));
  EXPECT_EQ(only.lanes_started(), kDefaultPartitions);
}

TEST_F(LedgerLoopTest, SharesThePartitionsWithASecondProcess) {
  Process first(client_, application_, "a");
  ASSERT_TRUE(poll_until({&first}, [&] { return first.is_ready(); }));
  Process second(client_, application_, "b");
  EXPECT_TRUE(
      poll_until({&first, &second}, [&] { return second.is_ready() && second.lanes_started() == kDefaultPartitions / 2; }));
  EXPECT_TRUE(poll_until({&first, &second}, [&] { return first.is_ready(); }));
  EXPECT_EQ(first.lanes_started(), kDefaultPartitions + kDefaultPartitions / 2);
}

TEST_F(LedgerLoopTest, GoesOnWithTheOtherLanesWhenOneNeedsAPerson) {
  // One of the eight lanes meets it; its share of the waiting is over long before it is tried again.
  Process process(client_, application_, "a", {Error::fatal("orders was cut")}, milliseconds(300));
  ASSERT_TRUE(
      poll_until({&process}, [&] { return process.loop().why_not_ready().find("orders was cut") != std::string::npos; }));
  const auto seen = std::chrono::steady_clock::now();
  ASSERT_TRUE(poll_until({&process}, [&] { return std::chrono::steady_clock::now() - seen > milliseconds(1000); }));
  EXPECT_THAT(process.loop().why_not_ready(), HasSubstr("orders was cut")) << "the membership stands";
  EXPECT_EQ(process.lanes_started(), kDefaultPartitions);
  EXPECT_FALSE(process.failure().has_value());
}

TEST_F(LedgerLoopTest, GivesTheMembershipUpWhenALaneGetsNowhereAndComesBackLater) {
  // Fenced in an assignment that stands: only a newer assignment may start it again, and none would come by itself.
  Process process(client_, application_, "a", {Error::fenced("taken over")}, milliseconds(300));
  ASSERT_TRUE(poll_until({&process}, [&] { return process.loop().why_not_ready().find("taken over") != std::string::npos; }));
  ASSERT_TRUE(poll_until({&process}, [&] { return process.loop().why_not_ready().find("not assigned") != std::string::npos; }));
  EXPECT_TRUE(poll_until({&process}, [&] { return process.is_ready(); }));
  EXPECT_EQ(process.lanes_started(), 2 * kDefaultPartitions);
  EXPECT_FALSE(process.failure().has_value());
}

TEST_F(LedgerLoopTest, RefusesTopicsWithAnotherNumberOfPartitions) {
  Metrics metrics;
  StopSignal stop;
  Lanes lanes(
      {.generation = {1}, .partition_count = 3, .lane = {}}, [](Partition) -> Result<LanePorts> { return LanePorts{}; },
      metrics);
  LedgerLoop loop({.client = client_, .application = application_, .instance = "a", .partition_count = 3}, lanes, stop);
  const auto polled = loop.poll_once(unix_millis());
  ASSERT_FALSE(polled);
  EXPECT_EQ(polled.error().kind, Error::Kind::kFatal);
  EXPECT_THAT(polled.error().message, HasSubstr("has 8 partitions"));
}

}  // namespace
}  // namespace sluice
