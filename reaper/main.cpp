// sluice-reaper: asks the ledger for what time has made due. README.md says how.
#include "kafka/membership.h"
#include "kafka/topic_wait.h"
#include "reaper/kafka_due_appender.h"
#include "reaper/kafka_orders_feed.h"
#include "reaper/kafka_read_marks.h"
#include "reaper/reaper_loop.h"
#include "reaper/settings.h"
#include "runtime/admin_server.h"
#include "runtime/daemon.h"
#include "runtime/run_loop.h"

namespace sluice {
namespace {

using namespace std::chrono_literals;

constexpr auto kHangsAfter = 60s;  // longer than any single wait for Kafka
constexpr auto kIsLateAfter = 10s;
constexpr auto kLeaveTimeout = 2s;

Result<void> run(const ReaperSettings& settings, StopSignal& stop) {
  const kafka::ClientSettings client{.brokers = settings.cluster.brokers, .name = settings.instance};
  auto membership = kafka::Membership::join(client, {.group = settings.application,
                                                     .instance = settings.instance,
                                                     .topic = settings.orders_topic,
                                                     .poll_interval_max = kHangsAfter});
  if (!membership) return membership.error();
  auto orders = KafkaOrdersFeed::open(client, settings.orders_topic);
  if (!orders) return orders.error();
  auto intents = KafkaDueAppender::open(client, settings.intents_topic);
  if (!intents) return intents.error();

  Metrics metrics;
  ReaperMetrics reaper_metrics(metrics);
  const Generation generation{settings.cluster.generation};
  KafkaReadMarks marks(**membership, generation);
  ReaperLoop reaper(settings.limits, generation, **orders, **intents, marks, reaper_metrics);
  RunLoop loop(metrics, stop, "reaper", "orders");
  const auto problem_live = [&] { return loop.since_last_cycle() < kHangsAfter ? "" : "the loop hangs"; };
  const auto problem_ready = [&] {
    const bool watches = reaper.is_watching() && loop.since_last_cycle() < kIsLateAfter;
    return watches ? "" : "owns no partition yet, or has not read orders to the end: see the log";
  };
  auto admin = AdminServer::start(settings.admin, metrics, problem_live, problem_ready);
  if (!admin) return admin.error();
  kafka::TopicWait topics(client, {{settings.intents_topic, kIntentsTopic, settings.cluster.partitions},
                                   {settings.orders_topic, kOrdersTopic, settings.cluster.partitions}});
  auto done = loop.run([&](UnixMillis now) -> Result<void> {
    if (auto there = topics.ask(); !there) return there;
    if (auto followed = follow(**membership, [&](auto partitions) { reaper.own(partitions); }); !followed) return followed;
    return reaper.poll_once(now);
  });
  reaper.own({});
  (*membership)->leave(kLeaveTimeout);
  return done;
}

}  // namespace
}  // namespace sluice

int main(int argc, char** argv) {
  return sluice::run_daemon<sluice::ReaperSettings>(
      {.program = {"sluice-reaper", SLUICE_VERSION, "Asks the ledger to open slots and to release unpaid orders."},
       .register_metrics = sluice::register_reaper_metrics,
       .run = sluice::run},
      argc, argv);
}
