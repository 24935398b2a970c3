#include <chrono>
#include <memory>
#include <string>

#include "ledger/kafka_intent_log.h"
#include "ledger/kafka_order_log.h"
#include "ledger/kafka_order_writer.h"
#include "ledger/lanes.h"
#include "ledger/ledger_loop.h"
#include "ledger/no_view.h"
#include "ledger/rocks_store.h"
#include "ledger/settings.h"
#include "runtime/admin_server.h"
#include "runtime/daemon.h"
#include "runtime/run_loop.h"

namespace sluice {
namespace {

constexpr std::chrono::seconds kHangs{60};

Result<LanePorts> open_ports(const LedgerSettings& settings, const kafka::ClientSettings& client, Partition partition) {
  LanePorts ports;
  auto store = RocksStore::open(
      {.directory = settings.state_directory, .free_bytes_min = static_cast<std::uint64_t>(settings.state_free_mib_min) << 20},
      {{settings.generation}, partition, settings.partitions});
  if (!store) return store.error();
  ports.store = std::move(*store);
  ports.view = std::make_unique<NoView>();
  auto writer = KafkaOrderWriter::open(client, settings.application, partition);
  if (!writer) return writer.error();
  ports.writer = std::move(*writer);
  auto orders = KafkaOrderLog::open(client, partition);
  if (!orders) return orders.error();
  ports.orders = std::move(*orders);
  auto intents = KafkaIntentLog::open(client, partition);
  if (!intents) return intents.error();
  ports.intents = std::move(*intents);
  return ports;
}

Result<void> run(const LedgerSettings& settings, StopSignal& stop) {
  const kafka::ClientSettings client{.brokers = settings.kafka_brokers, .name = settings.instance};
  Metrics metrics;
  RunLoop run_loop(metrics, stop, "ledger", "membership");
  Lanes lanes(
      {.generation = {settings.generation}, .partition_count = settings.partitions, .lane = settings.lane()},
      [&](Partition partition) { return open_ports(settings, client, partition); }, metrics);
  LedgerLoop ledger({.client = client,
                     .application = settings.application,
                     .instance = settings.instance,
                     .partition_count = settings.partitions,
                     .progress_timeout = std::chrono::milliseconds(settings.progress_timeout_ms)},
                    lanes, stop);
  const auto admin = AdminServer::start(
      settings.admin, metrics, [&] { return run_loop.since_last_cycle() < kHangs ? "" : "the membership loop hangs"; },
      [&] { return ledger.why_not_ready(); });
  if (!admin) return admin.error();
  const Result<void> outcome = run_loop.run([&](UnixMillis now) { return ledger.poll_once(now); });
  ledger.end();
  return outcome;
}

}  // namespace
}  // namespace sluice

int main(int argc, char** argv) {
  sluice::LedgerSettings settings;
  sluice::SettingFields fields;
  declare(fields, settings);
  return sluice::run_daemon({"sluice-ledger", SLUICE_VERSION, "Decides intents, one lane for each partition."}, argc, argv,
                            fields, [&](sluice::StopSignal& stop) { return sluice::run(settings, stop); });
}
