// sluice-reaper itself, on a real Kafka. The test plays the ledger.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "kafka/topic_check.h"
#include "runtime/clock.h"
#include "schemas/intent_format.h"
#include "schemas/order_record.pb.h"
#include "schemas/partitioner.h"
#include "tests/kafka/real_broker.h"
#include "tests/processes/daemon_process.h"
#include "tests/processes/http_status.h"
#include "tests/runtime/comes_true.h"

namespace sluice {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::Not;

constexpr int kPartitions = 2;
constexpr Generation kGeneration{1};
constexpr std::uint32_t kHoldSeconds = 1;

constexpr const char* kSettings = R"(
kafka: {{brokers: "{brokers}"}}
topics: {{generation: {generation}, partitions: {partitions}, intents: {intents}, orders: {orders}}}
application: {application}
limits: {{keep_marks_ms: 100}}
)";

class ReaperDaemonTest : public kafka::RealBrokerTest {
 protected:
  void SetUp() override {
    RealBrokerTest::SetUp();
    if (HasFatalFailure()) return;
    intents_topic_ = make_topic_like(kIntentsTopic);
    orders_topic_ = make_topic_like(kOrdersTopic);
    application_ = unique("reapers");
    writer_ = kafka::TransactionalProducer::open(
        client_, {.transactional_id = orders_topic_, .topic = orders_topic_, .partition = partition_.value});
    ASSERT_TRUE(writer_ && (*writer_)->init());
    dues_ = reader(intents_topic_);
    ASSERT_TRUE(dues_->start_at(partition_.value, 0));
  }

  std::string make_topic_like(std::string_view model) {
    auto admin = kafka::TopicAdmin::open(client_, std::chrono::seconds(20));
    EXPECT_TRUE(admin);
    const std::string name = unique(std::string(model));
    const auto settings = kafka::settings_to_create(std::string(model), kRequiredTopicSettings);
    EXPECT_TRUE((*admin)->create({name, kPartitions, 1, settings}));
    for (std::int32_t partition = 0; partition < kPartitions; ++partition) wait_until_led(name, partition);
    return name;
  }

  // Not started yet.
  std::unique_ptr<DaemonProcess> reaper(const std::string& brokers = "", int partitions = kPartitions, int generation = 1) {
    return std::make_unique<DaemonProcess>(
        SLUICE_REAPER,
        fmt::format(kSettings, fmt::arg("brokers", brokers.empty() ? client_.brokers : brokers),
                    fmt::arg("generation", generation), fmt::arg("partitions", partitions), fmt::arg("intents", intents_topic_),
                    fmt::arg("orders", orders_topic_), fmt::arg("application", application_)));
  }

  v1::OrderRecord next_record() {
    v1::OrderRecord record;
    record.set_first_offset(static_cast<std::uint64_t>(next_));
    record.set_last_offset(static_cast<std::uint64_t>(next_++));
    record.set_log_time_ms(unix_millis());
    return record;
  }

  void commit(const v1::OrderRecord& record) { write(**writer_, {record.SerializeAsString()}); }

  v1::Order reserve() {
    v1::OrderRecord record = next_record();
    v1::Change& change = *record.mutable_change();
    change.set_sku(sku_);
    change.mutable_reserved();
    v1::Order& order = *change.add_orders();
    order.set_id(Ticket::of(partition_, Position::at(kGeneration, next_ - 1)).value);
    order.set_sku(sku_);
    order.set_status(v1::HELD);
    order.set_hold_seconds(kHoldSeconds);
    order.set_deadline_ms(record.log_time_ms() + 1000 * kHoldSeconds);
    commit(record);
    return order;
  }

  // The intent that is next in the log changes nothing.
  void refuse() {
    v1::OrderRecord record = next_record();
    record.mutable_unchanged()->add_verdicts()->set_outcome(v1::REFUSED);
    commit(record);
  }

  void release(v1::Order order) {
    v1::OrderRecord record = next_record();
    record.mutable_change()->set_sku(sku_);
    record.mutable_change()->mutable_released();
    order.set_status(v1::RELEASED);
    *record.mutable_change()->add_orders() = order;
    commit(record);
  }

  // The reaper's next Due. Purchases before it take offsets of `intents` that nobody wrote here, so these are filled up.
  v1::Due next_due() {
    std::optional<v1::Due> due;
    EXPECT_TRUE(comes_true([&] {
      const auto batch = dues_->poll(1, milliseconds(100), milliseconds(0));
      if (!batch || batch->messages.empty()) return false;
      v1::Intent intent;
      EXPECT_EQ(read_intent(batch->messages.front().payload, intent), Readability::kIntent);
      EXPECT_TRUE(intent.has_due());
      EXPECT_EQ(batch->messages.front().key, sku_);
      EXPECT_EQ(batch->messages.front().offset, due_offset_++);
      due = intent.due();
      return true;
    })) << "no Due came";
    return due.value_or(v1::Due());
  }

  // Purchases, of which one is in the log for each record that holds an order.
  void fill_intents(int count) {
    append(intents_topic_, partition_.value, std::vector<std::string>(static_cast<std::size_t>(count), "a purchase"));
    due_offset_ += count;
    ASSERT_TRUE(dues_->start_at(partition_.value, due_offset_));
  }

  static void wait_for_metric(DaemonProcess& daemon, const std::string& line) {
    const auto shows = [&] { return http_text(daemon.admin_port(), "/metrics").find("\n" + line + "\n") != std::string::npos; };
    EXPECT_TRUE(comes_true(shows)) << line << "\n" << daemon.said();
  }

  const std::string sku_ = "mask";
  const Partition partition_ = partition_of(sku_, kPartitions);
  std::string intents_topic_;
  std::string orders_topic_;
  std::string application_;
  Result<std::unique_ptr<kafka::TransactionalProducer>> writer_ = Error::fatal("not opened");
  std::unique_ptr<kafka::TopicReader> dues_;
  Offset next_ = 0;
  std::int64_t due_offset_ = 0;
};

TEST_F(ReaperDaemonTest, AsksForTheTimeThenForTheReleaseAndBeginsAfterItWhenItIsStartedAgain) {
  fill_intents(1);
  const v1::Order order = reserve();
  const auto daemon = reaper();
  daemon->start();
  const v1::Due asks = next_due();
  EXPECT_EQ(asks.sku(), sku_);
  EXPECT_EQ(asks.through_ms(), 0);
  refuse();
  const v1::Due releases = next_due();
  EXPECT_GE(releases.through_ms(), order.deadline_ms());
  EXPECT_LE(releases.through_ms(), unix_millis());
  release(order);
  wait_for_metric(*daemon, "sluice_reaper_records_total 3");
  EXPECT_EQ(daemon->stop(), 0) << daemon->said();

  fill_intents(2);
  reserve();
  reserve();
  daemon->start();
  EXPECT_TRUE(daemon->comes_to_say(fmt::format("partition {}: reads from intent 3 on", partition_.value))) << daemon->said();
  (void)next_due();
  EXPECT_EQ(daemon->stop(), 0) << daemon->said();
}

TEST_F(ReaperDaemonTest, AKilledOneHasKeptItsMark) {
  const auto daemon = reaper();
  daemon->start();
  ASSERT_TRUE(daemon->comes_to_answer("200"));
  wait_for_metric(*daemon, "sluice_reaper_marks_kept_total 1");  // where it began
  refuse();
  wait_for_metric(*daemon, "sluice_reaper_marks_kept_total 2");
  daemon->process().kill();
  daemon->start();
  EXPECT_TRUE(daemon->comes_to_say(fmt::format("partition {}: reads from intent 1 on", partition_.value))) << daemon->said();
  EXPECT_EQ(daemon->stop(), 0);
}

TEST_F(ReaperDaemonTest, AMarkOfAnotherGenerationIsNotUsed) {
  refuse();
  const auto first = reaper();
  first->start();
  ASSERT_TRUE(first->comes_to_answer("200"));
  EXPECT_EQ(first->stop(), 0);
  const auto second = reaper("", kPartitions, /*generation=*/2);
  second->start();
  EXPECT_TRUE(second->comes_to_say("has the note '1/1', which is not of generation 2: reads all of orders"));
  EXPECT_EQ(second->stop(), 0);
}

TEST_F(ReaperDaemonTest, WaitsForKafkaAndSaysSo) {
  const auto daemon = reaper(fmt::format("127.0.0.1:{}", free_port()));
  daemon->start();
  EXPECT_TRUE(daemon->comes_to_say("trying again")) << daemon->said();
  EXPECT_TRUE(daemon->comes_to_answer("503"));
  EXPECT_EQ(daemon->stop(), 0) << daemon->said();
}

TEST_F(ReaperDaemonTest, EndsWithASentenceAtAGapInOrders) {
  refuse();
  ++next_;
  refuse();
  const auto daemon = reaper();
  daemon->start();
  EXPECT_EQ(daemon->wait_for_end(), 1);
  EXPECT_THAT(daemon->said(),
              HasSubstr(fmt::format("sluice-reaper ends: orders, partition {}: read up to intent 1; the record of "
                                    "the intents 2 to 2 does not continue there",
                                    partition_.value)));
}

TEST_F(ReaperDaemonTest, EndsWithASentenceWhenTheTopicHasAnotherNumberOfPartitions) {
  const auto daemon = reaper("", kPartitions + 1);
  daemon->start();
  EXPECT_EQ(daemon->wait_for_end(), 1);
  EXPECT_THAT(daemon->said(), HasSubstr("has 2 partitions, but topics.partitions is 3"));
}

TEST_F(ReaperDaemonTest, TwoShareThePartitionsAndOneTakesOverWhatTheOtherLeaves) {
  fill_intents(1);
  reserve();
  const auto first = reaper();
  const auto second = std::make_unique<DaemonProcess>(
      SLUICE_REAPER, fmt::format(kSettings, fmt::arg("brokers", client_.brokers), fmt::arg("generation", 1),
                                 fmt::arg("partitions", kPartitions), fmt::arg("intents", intents_topic_),
                                 fmt::arg("orders", orders_topic_), fmt::arg("application", application_)) +
                         "instance: reaper-2\n");
  first->start();
  ASSERT_TRUE(first->comes_to_answer("200"));
  second->start();
  EXPECT_TRUE(second->comes_to_answer("200"));
  EXPECT_TRUE(first->comes_to_answer("200"));
  const auto reads_ours = [&](DaemonProcess& daemon) {
    return daemon.said().find(fmt::format("partition {}: reads from", partition_.value)) != std::string::npos;
  };
  (void)next_due();
  DaemonProcess& stopped = reads_ours(*second) ? *second : *first;
  DaemonProcess& stays = &stopped == first.get() ? *second : *first;
  stopped.process().kill();
  refuse();
  const auto said_before = stays.said().size();
  EXPECT_TRUE(comes_true([&] {
    return stays.said().find(fmt::format("partition {}: reads from intent 0 on", partition_.value), said_before) !=
           std::string::npos;
  })) << stays.said();
  UnixMillis through = 0;  // both may have asked for the time
  for (int i = 0; i < 3 && through == 0; ++i) through = next_due().through_ms();
  EXPECT_GT(through, 0) << "the one that stays asks for the release";
  EXPECT_EQ(stays.stop(), 0);
}

}  // namespace
}  // namespace sluice
