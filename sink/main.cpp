// sluice-sink: folds the topic `orders` into MySQL. README.md says how.
#include "kafka/membership.h"
#include "kafka/topic_wait.h"
#include "runtime/admin_server.h"
#include "runtime/daemon.h"
#include "runtime/run_loop.h"
#include "sink/kafka_dead_letters.h"
#include "sink/kafka_orders_reader.h"
#include "sink/mysql_database.h"
#include "sink/settings.h"
#include "sink/sink_loop.h"

namespace sluice {
namespace {

using namespace std::chrono_literals;

constexpr auto kHangsAfter = 90s;  // longer than any single wait for MySQL or Kafka
constexpr auto kIsLateAfter = 10s;
constexpr auto kLeaveTimeout = 2s;

Result<void> run(const SinkSettings& settings, StopSignal& stop) {
  auto password = read_secret_file(settings.mysql.password_file);
  if (!password) return password.error();
  const kafka::ClientSettings client{.brokers = settings.cluster.brokers, .name = settings.instance};
  auto membership = kafka::Membership::join(client, {.group = settings.application,
                                                     .instance = settings.instance,
                                                     .topic = settings.orders_topic,
                                                     .poll_interval_max = kHangsAfter});
  if (!membership) return membership.error();
  auto orders = KafkaOrdersReader::open(client, settings.orders_topic);
  if (!orders) return orders.error();

  Metrics metrics;
  SinkMetrics sink_metrics(metrics);
  const Generation generation{settings.cluster.generation};
  KafkaDeadLetters dead_letters(client, settings.dead_letters_topic);
  MysqlDatabase database(settings.mysql, std::move(*password), generation, settings.cluster.partitions);
  SinkLoop sink(settings.limits, generation, **orders, database, dead_letters, sink_metrics);
  RunLoop loop(metrics, stop, "sink", "orders");
  const auto problem_live = [&] { return loop.since_last_cycle() < kHangsAfter ? "" : "the loop hangs"; };
  const auto problem_ready = [&] {
    const bool stores = sink.is_storing() && loop.since_last_cycle() < kIsLateAfter;
    return stores ? "" : "owns no partition yet, or the database takes no orders: see the log";
  };
  auto admin = AdminServer::start(settings.admin, metrics, problem_live, problem_ready);
  if (!admin) return admin.error();
  kafka::TopicWait topics(client, {{settings.orders_topic, kOrdersTopic, settings.cluster.partitions},
                                   {settings.dead_letters_topic, kDeadLettersTopic, std::nullopt}});
  auto done = loop.run([&](UnixMillis now) -> Result<void> {
    if (auto there = topics.ask(); !there) return there;
    if (auto followed = follow(**membership, [&](auto partitions) { sink.own(partitions); }); !followed) return followed;
    return sink.poll_once(now);
  });
  (*membership)->leave(kLeaveTimeout);
  return done;
}

}  // namespace
}  // namespace sluice

int main(int argc, char** argv) {
  return sluice::run_daemon<sluice::SinkSettings>(
      {.program = {"sluice-sink", SLUICE_VERSION, "Stores orders in MySQL, exactly once."},
       .register_metrics = sluice::register_sink_metrics,
       .run = sluice::run},
      argc, argv);
}
