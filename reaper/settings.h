// Shell: the settings of sluice-reaper.
#pragma once

#include <string>

#include "kafka/cluster_settings.h"
#include "reaper/reaper_loop.h"
#include "runtime/admin_server.h"
#include "runtime/result.h"
#include "runtime/settings.h"
#include "schemas/topics.h"

namespace sluice {

struct ReaperSettings {
  kafka::ClusterSettings cluster;
  std::string intents_topic{kIntentsTopic};
  std::string orders_topic{kOrdersTopic};
  std::string application = "sluice-reaper";
  std::string instance = "reaper-1";
  ReaperLimits limits;
  AdminSettings admin;
};

void declare(SettingFields& fields, ReaperSettings& settings);
Result<void> check(const ReaperSettings& settings);

}  // namespace sluice
