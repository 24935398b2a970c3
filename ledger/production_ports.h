// Shell: what stands behind a lane's ports in production: Kafka, RocksDB and Redis.
#pragma once

#include "kafka/client_settings.h"
#include "ledger/lane_thread.h"
#include "ledger/redis_view.h"
#include "ledger/settings.h"
#include "runtime/result.h"

namespace sluice {

kafka::ClientSettings kafka_client(const LedgerSettings& settings);

// Reads the password's file.
Result<RedisViewSettings> redis_view_settings(const LedgerSettings& settings);

// What the lanes of a process share.
struct LaneSurroundings {
  RedisView& view;
  DiskWatch& disk;
  Metrics& metrics;
};

// Opens what one lane calls. A store that is of no use is set aside and made anew. Safe from several threads at once, for
// different partitions.
Result<LanePorts> open_production_ports(const LedgerSettings& settings, const LaneSurroundings& around, Partition partition);

}  // namespace sluice
