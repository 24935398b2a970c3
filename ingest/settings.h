// Shell: the settings of sluice-ingest.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ingest/http_server.h"
#include "ingest/ingest_loop.h"
#include "ingest/stock_scan.h"
#include "kafka/cluster_settings.h"
#include "runtime/admin_server.h"
#include "runtime/settings.h"
#include "schemas/topics.h"

namespace sluice {

struct IngestSettings {
  kafka::ClusterSettings cluster;
  std::string intents_topic{kIntentsTopic};
  std::string orders_topic{kOrdersTopic};
  HttpSettings http;
  AdminSettings admin;
  std::string jwt_secret_file;
  std::string jwt_scope;
  std::string jwt_admin_scope = "sluice:admin";
  std::vector<std::string> id_key_files;
  std::vector<std::string> webhook_secret_files;
  std::uint32_t webhook_tolerance_seconds = 300;
  std::string redis_host = "127.0.0.1";
  std::int32_t redis_port = 6379;
  std::string redis_password_file;

  std::uint32_t in_flight_max = 20'000;
  std::uint32_t reserved_in_flight = 2'000;
  std::uint32_t append_delay_ms = 1'000;
  std::uint32_t append_timeout_ms = 5'000;
  std::uint32_t recent_requests = 1 << 17;
  std::uint32_t recent_seconds = 300;

  std::uint32_t verdicts_per_partition = 1 << 21;
  std::uint32_t orders_per_partition = 1 << 16;
  std::uint32_t look_back = 50'000;
  std::uint32_t skus = 10'000;
};

void declare(SettingFields& fields, IngestSettings& settings);
// What is wrong beyond each value by itself, as far as it can be seen without a server: the secrets.
Result<void> check(const IngestSettings& settings);

IngestRules rules_of(const IngestSettings& settings);
StockScanBounds stock_scan_of(const IngestSettings& settings);

// The keys of the public ids and the secrets of tokens and payments, from their files.
struct IngestSecrets {
  std::string jwt;
  std::vector<std::string> id_keys;
  std::vector<std::string> webhook;
  std::string redis_password;
};
Result<IngestSecrets> read_secrets(const IngestSettings& settings);

RedisAddress redis_of(const IngestSettings& settings, const IngestSecrets& secrets);

}  // namespace sluice
