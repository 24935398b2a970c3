// sluice-sink itself, on a real Kafka and a real MySQL, while it, the database and its twin are killed and stopped.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <random>

#include "schemas/dead_letter.pb.h"
#include "schemas/topics.h"
#include "tests/kafka/real_broker.h"
#include "tests/processes/daemon_process.h"
#include "tests/sink/mysql_server.h"
#include "tests/sink/sample_log.h"
#include "tests/sink/test_database.h"

namespace sluice {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

constexpr int kPartitions = 3;
constexpr Generation kGeneration{1};
constexpr auto kDeadline = std::chrono::seconds(60);

// Small batches: many transactions to be killed in.
constexpr const char* kSettings = R"(
kafka: {{brokers: "{brokers}"}}
topics: {{generation: 1, partitions: {partitions}, orders: {orders}, dead_letters: {dead_letters}}}
application: {application}
mysql: {{host: {host}, port: {port}, user: {user}, password_file: {password_file}, database: {database}}}
limits: {{batch_records: 20}}
)";

class SinkDaemonTest : public kafka::RealBrokerTest {
 protected:
  void SetUp() override {
    RealBrokerTest::SetUp();
    if (HasFatalFailure()) return;
    orders_topic_ = make_topic_like(kOrdersTopic, kPartitions);
    dead_letters_topic_ = make_topic_like(kDeadLettersTopic, 1);
    for (int i = 0; i < kPartitions; ++i) logs_.emplace_back(Partition{i});
  }

  // `count` more orders in every partition, with all that can happen to them and refusals in between; in transactions of 50
  // records.
  void sell(int count) {
    for (SampleLog& log : logs_) {
      const std::size_t written = log.records().size();
      const std::string sku = "mask-" + std::to_string(log.partition().value);
      if (written == 0) log.define(sku, /*slots=*/10, /*slot_ms=*/2'000);
      for (int i = 0; i < count; ++i) {
        const std::string payment = fmt::format("gw-{}", log.next());
        const Ticket id = log.reserve(sku, i % 500 == 7 ? "eve" : "ann");
        if (i % 3 == 0) log.refuse(1 + i % 40, sku, i % 2 == 0 ? v1::SOLD_OUT : v1::LIMIT_REACHED);
        if (i % 4 == 0) log.pay(id, payment);
        if (i % 36 == 0) log.refund(id);
        if (i % 72 == 0) log.settle(payment);
        if (i % 4 == 1) log.cancel(id);
        if (i % 8 == 1) log.give_back(payment, id, v1::PAID_TOO_LATE);
      }
      publish(log, written);
    }
  }

  void publish(const SampleLog& log, std::size_t from) {
    const auto producer =
        kafka::TransactionalProducer::open(client_, {.transactional_id = orders_topic_ + std::to_string(log.partition().value),
                                                     .topic = orders_topic_,
                                                     .partition = log.partition().value});
    ASSERT_TRUE(producer && (*producer)->init());
    while (from < log.records().size()) {
      std::vector<std::string> transaction;
      for (; from < log.records().size() && transaction.size() < 50; ++from) {
        transaction.push_back(log.records()[from].SerializeAsString());
      }
      write(**producer, transaction);
    }
  }

  // Not started yet.
  std::unique_ptr<DaemonProcess> sink_into(const MysqlSettings& mysql, int partitions = kPartitions) {
    return std::make_unique<DaemonProcess>(
        SLUICE_SINK, fmt::format(kSettings, fmt::arg("brokers", client_.brokers), fmt::arg("partitions", partitions),
                                 fmt::arg("orders", orders_topic_), fmt::arg("dead_letters", dead_letters_topic_),
                                 fmt::arg("application", unique("sinks")), fmt::arg("host", mysql.host),
                                 fmt::arg("port", mysql.port), fmt::arg("user", mysql.user),
                                 fmt::arg("password_file", mysql.password_file), fmt::arg("database", mysql.database)));
  }

  // All tables must be the fold of exactly what the positions say is in them (I7), now and at every other moment.
  void expect_exact(const TestDatabase::Content& content, const std::string& except_user = "") const {
    TableTexts expected;
    for (const SampleLog& log : logs_) {
      const auto position = content.positions.find(log.partition());
      const Offset next = position == content.positions.end() ? 0 : position->second.next;
      add(expected, expected_rows(log.partition(), log.records(), next, kGeneration, except_user));
    }
    EXPECT_EQ(difference(content.tables, expected), "");
  }

  bool all_is_in(const TestDatabase::Content& content) const {
    return std::ranges::all_of(logs_, [&](const SampleLog& log) {
      const auto position = content.positions.find(log.partition());
      return position != content.positions.end() && position->second.next == log.next() &&
             position->second.digest == log.digest();
    });
  }

  // Looks at the content again and again, letting the server do the waiting, until `enough`.
  static TestDatabase::Content wait_until(TestDatabase& database,
                                          const std::function<bool(const TestDatabase::Content&)>& enough) {
    const auto deadline = std::chrono::steady_clock::now() + kDeadline;
    while (true) {
      TestDatabase::Content content = database.content();
      if (enough(content)) return content;
      if (std::chrono::steady_clock::now() > deadline) {
        ADD_FAILURE() << "the sink does not come so far";
        return content;
      }
      database.run("DO SLEEP(0.005)");
    }
  }

  static Offset progress(const TestDatabase::Content& content) {
    Offset sum = 0;
    for (const auto& [partition, position] : content.positions) sum += position.next;
    return sum;
  }

  std::string orders_topic_;
  std::string dead_letters_topic_;
  std::vector<SampleLog> logs_;
  std::mt19937 random_{20261122};
};

// Sums of refusals are what tells: a row that is written twice looks the same, a sum does not.
TEST_F(SinkDaemonTest, StoresEverythingExactlyOnceOverKillsAtRandomMoments) {
  sell(1500);
  TestDatabase database(given_mysql_server());
  const auto sink = sink_into(database.settings());
  Offset reached = 0;
  int in_the_middle = 0;  // kills that came before the sink was done
  for (int kill = 0; in_the_middle < 10; ++kill) {
    ASSERT_LT(kill, 100) << "the sink is too fast for the kills";
    sink->start();
    wait_until(database, [&](const auto& content) { return progress(content) > reached; });
    database.run(fmt::format("DO SLEEP({})", std::uniform_real_distribution<>(0, 0.03)(random_)));
    sink->process().kill();
    const TestDatabase::Content content = database.content();
    expect_exact(content);
    reached = progress(content);
    if (all_is_in(content)) {
      sell(500);
    } else {
      ++in_the_middle;
    }
  }
  sink->start();
  expect_exact(wait_until(database, [&](const auto& content) { return all_is_in(content); }));
  EXPECT_EQ(sink->stop(), 0) << sink->said();
}

// Two groups: each of the two sinks believes that every partition is its own, as after a split that neither has noticed.
TEST_F(SinkDaemonTest, TwoSinksThatBothOwnEverythingDoNotDisturbTheRows) {
  sell(1000);
  TestDatabase database(given_mysql_server());
  const auto first = sink_into(database.settings());
  const auto second = sink_into(database.settings());
  first->start();
  second->start();
  wait_until(database, [](const auto& content) { return progress(content) > 0; });
  bool stop_first = true;
  TestDatabase::Content content;
  while (!all_is_in(content)) {
    ChildProcess& stopped = stop_first ? first->process() : second->process();
    stop_first = !stop_first;
    stopped.pause();
    database.run(fmt::format("DO SLEEP({})", std::uniform_real_distribution<>(0, 0.05)(random_)));
    content = database.content();
    expect_exact(content);
    stopped.resume();
    database.run("DO SLEEP(0.02)");
    ASSERT_FALSE(HasFailure());
  }
  EXPECT_THAT(first->said() + second->said(), HasSubstr("another sink has stored what comes after intent"));
  EXPECT_EQ(first->stop(), 0) << first->said();
  EXPECT_EQ(second->stop(), 0) << second->said();
}

TEST_F(SinkDaemonTest, ARowThatMysqlRefusesBecomesADeadLetter) {
  sell(400);
  TestDatabase database(given_mysql_server());
  database.run("ALTER TABLE orders ADD CONSTRAINT no_eve CHECK (user <> 'eve')");
  const auto sink = sink_into(database.settings());
  sink->start();
  expect_exact(wait_until(database, [&](const auto& content) { return all_is_in(content); }), /*except_user=*/"eve");
  const auto letters = reader(dead_letters_topic_);
  ASSERT_TRUE(letters->start_at(0, 0));
  const std::vector<std::string> written = read_to_end(*letters);
  EXPECT_THAT(written, SizeIs(kPartitions));
  for (const std::string& bytes : written) {
    v1::DeadLetter letter;
    ASSERT_TRUE(letter.ParseFromString(bytes));
    EXPECT_EQ(letter.order().user(), "eve");
    EXPECT_THAT(letter.error(), HasSubstr("no_eve"));
  }
}

TEST_F(SinkDaemonTest, WaitsForMysqlAndGoesOnAfterItsCrash) {
  sell(1500);
  MysqlServer server;
  TestDatabase database(server.settings());
  const auto sink = sink_into(database.settings());
  server.kill();
  sink->start();
  EXPECT_TRUE(sink->comes_to_answer("503")) << sink->said();
  server.start();
  database.reconnect();
  wait_until(database, [](const auto& content) { return progress(content) > 0; });
  server.kill();
  EXPECT_TRUE(sink->comes_to_answer("503")) << sink->said();
  server.start();
  database.reconnect();
  EXPECT_TRUE(sink->comes_to_answer("200")) << sink->said();
  expect_exact(wait_until(database, [&](const auto& content) { return all_is_in(content); }));
  EXPECT_THAT(sink->said(), HasSubstr("trying again"));
}

TEST_F(SinkDaemonTest, EndsWithASentenceThatNamesTheFileWhenATableIsMissing) {
  TestDatabase database(given_mysql_server());
  database.run("DROP TABLE refusals");
  const auto sink = sink_into(database.settings());
  sink->start();
  EXPECT_EQ(sink->wait_for_end(), 1);
  EXPECT_THAT(sink->said(), HasSubstr("has not the table refusals"));
  EXPECT_THAT(sink->said(), HasSubstr("apply schemas/mysql/002_payments_sales_history.sql"));
  database.apply("schemas/mysql/002_payments_sales_history.sql");
  sell(10);
  sink->start();
  expect_exact(wait_until(database, [&](const auto& content) { return all_is_in(content); }));
}

TEST_F(SinkDaemonTest, EndsWithASentenceWhenTheTopicHasAnotherNumberOfPartitions) {
  TestDatabase database(given_mysql_server());
  const auto sink = sink_into(database.settings(), kPartitions + 1);
  sink->start();
  EXPECT_EQ(sink->wait_for_end(), 1);
  EXPECT_THAT(sink->said(), HasSubstr("has 3 partitions, but topics.partitions is 4"));
}

TEST_F(SinkDaemonTest, EndsWithASentenceWhenTheTopicWasReplaced) {
  sell(10);
  TestDatabase database(given_mysql_server());
  const auto sink = sink_into(database.settings());
  sink->start();
  wait_until(database, [&](const auto& content) { return all_is_in(content); });
  EXPECT_EQ(sink->stop(), 0);
  database.run("UPDATE positions SET digest = digest ^ 1 WHERE `partition` = 1");
  sink->start();
  EXPECT_EQ(sink->wait_for_end(), 1);
  EXPECT_THAT(sink->said(), HasSubstr("is not the one that was stored: the topic was cut, replaced"));
}

}  // namespace
}  // namespace sluice
