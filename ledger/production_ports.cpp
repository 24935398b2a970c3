#include "ledger/production_ports.h"

#include <memory>
#include <utility>

#include "ledger/kafka_intent_log.h"
#include "ledger/kafka_order_log.h"
#include "ledger/kafka_order_writer.h"
#include "ledger/overlapped_store.h"
#include "ledger/rocks_store.h"
#include "ledger/store_folder.h"
#include "runtime/clock.h"

namespace sluice {

kafka::ClientSettings kafka_client(const LedgerSettings& settings) {
  return {.brokers = settings.cluster.brokers, .name = settings.instance};
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
  view.lane.generation = {settings.cluster.generation};
  view.lane.partition_count = settings.cluster.partitions;
  view.lane.closed_orders_keep = std::chrono::seconds(settings.closed_orders_keep_seconds);
  return view;
}

namespace {

Result<std::unique_ptr<RocksStore>> try_store(const LedgerSettings& settings, const StoreFolder& folder, Partition partition) {
  auto store =
      RocksStore::open({.directory = settings.state_directory, .free_bytes_min = settings.free_bytes_min()}, partition);
  const bool is_open = store.ok();
  const auto usable = is_open
                          ? (*store)->check_identity({{settings.cluster.generation}, partition, settings.cluster.partitions})
                          : Result<void>(store.error());
  if (usable) return store;
  if (usable.error().kind == Error::Kind::kDamaged) {
    folder.condemn(is_open ? StoreTrouble::kOther : StoreTrouble::kDamaged, usable.error().message);
  }
  return usable.error();
}

Result<std::unique_ptr<RocksStore>> open_store(const LedgerSettings& settings, StoreFolder& folder, Partition partition) {
  if (auto aside = folder.set_aside_if_condemned(unix_millis()); !aside) return aside.error();
  auto store = try_store(settings, folder, partition);
  if (store || store.error().kind != Error::Kind::kDamaged) return store;
  if (auto aside = folder.set_aside_if_condemned(unix_millis()); !aside) return aside.error();
  return try_store(settings, folder, partition);
}

}  // namespace

Result<LanePorts> open_production_ports(const LedgerSettings& settings, const LaneSurroundings& around, Partition partition) {
  if (auto room = around.disk.check(); !room) return room.error();
  LanePorts ports;
  ports.disk = &around.disk;
  ports.folder = std::make_unique<StoreFolder>(settings.state_directory, partition, around.metrics);
  auto store = open_store(settings, *ports.folder, partition);
  if (!store) return store.error();
  ports.store = std::make_unique<OverlappedStore>(std::move(*store));
  ports.view = around.view.attach(partition, *ports.store);
  const auto client = kafka_client(settings);
  auto writer = KafkaOrderWriter::open(client, settings.application, partition, settings.batch_bytes_max);
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
