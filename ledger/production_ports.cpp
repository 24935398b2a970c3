#include "ledger/production_ports.h"

#include <memory>
#include <utility>

#include "ledger/kafka_intent_log.h"
#include "ledger/kafka_order_log.h"
#include "ledger/kafka_order_writer.h"
#include "ledger/overlapped_store.h"
#include "ledger/rocks_store.h"

namespace sluice {

kafka::ClientSettings kafka_client(const LedgerSettings& settings) {
  return {.brokers = settings.kafka_brokers, .name = settings.instance};
}

Result<RedisViewSettings> redis_view_settings(const LedgerSettings& settings) {
  RedisViewSettings view;
  view.redis.host = settings.redis_host;
  view.redis.port = settings.redis_port;
  if (!settings.redis_password_file.empty()) {
    auto password = read_secret_file(settings.redis_password_file);
    if (!password) return password.error();
    view.redis.password = std::move(*password);
  }
  view.lane.generation = {settings.generation};
  view.lane.partition_count = settings.partitions;
  view.lane.closed_orders_keep = std::chrono::seconds(settings.closed_orders_keep_seconds);
  return view;
}

Result<LanePorts> open_production_ports(const LedgerSettings& settings, RedisView& view, Partition partition) {
  LanePorts ports;
  auto store = RocksStore::open(
      {.directory = settings.state_directory, .free_bytes_min = static_cast<std::uint64_t>(settings.state_free_mib_min) << 20},
      {{settings.generation}, partition, settings.partitions});
  if (!store) return store.error();
  ports.store = std::make_unique<OverlappedStore>(std::move(*store));
  ports.view = view.attach(partition, *ports.store);
  const auto client = kafka_client(settings);
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

}  // namespace sluice
