// Shell: the settings of sluice-sink.
#pragma once

#include <chrono>
#include <string>

#include "kafka/cluster_settings.h"
#include "runtime/admin_server.h"
#include "runtime/settings.h"
#include "schemas/topics.h"
#include "sink/mysql_database.h"
#include "sink/sink_loop.h"

namespace sluice {

struct SinkSettings {
  kafka::ClusterSettings cluster;
  std::string orders_topic{kOrdersTopic};
  std::string dead_letters_topic{kDeadLettersTopic};
  std::string application = "sluice-sink";
  std::string instance = "sink-1";
  MysqlSettings mysql;
  SinkLimits limits;
  AdminSettings admin;
};

void declare(SettingFields& fields, SinkSettings& settings);
// What is wrong beyond each value by itself, as far as it can be seen without a server: the secrets.
Result<void> check(const SinkSettings& settings);

}  // namespace sluice
