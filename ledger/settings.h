// Adapter (yaml-cpp): the ledger's settings, each with its name, bounds and meaning.
#pragma once

#include <cstdint>
#include <string>

#include "kafka/cluster_settings.h"
#include "kafka/transactional_producer.h"
#include "ledger/lane.h"
#include "runtime/admin_server.h"
#include "runtime/settings.h"

namespace sluice {

struct LedgerSettings {
  kafka::ClusterSettings cluster;
  std::string application = "sluice-ledger";
  std::string instance;
  std::int64_t session_ms = 6'000;
  std::string state_directory;
  std::int64_t state_free_mib_min = 512;
  std::string redis_host = "127.0.0.1";
  std::uint16_t redis_port = 6379;
  std::string redis_password_file;
  std::int64_t closed_orders_keep_seconds = std::int64_t{7} * 24 * 3600;
  std::int32_t batch_intents_max = 20'000;
  std::int64_t batch_bytes_max = kafka::kBatchBytesMax;
  std::int64_t log_time_ahead_ms_max = 5'000;
  std::int64_t progress_timeout_ms = 30'000;
  std::int64_t call_timeout_ms = 30'000;
  AdminSettings admin;

  LaneSettings lane() const;
  std::uint64_t free_bytes_min() const { return static_cast<std::uint64_t>(state_free_mib_min) << 20; }
};

void declare(SettingFields& fields, LedgerSettings& settings);
// What is wrong beyond each value by itself, as far as it can be seen without a server: the secrets.
Result<void> check(const LedgerSettings& settings);

}  // namespace sluice
