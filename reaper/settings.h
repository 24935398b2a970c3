// Shell: the settings of sluice-reaper.
#pragma once

#include <string>

#include "reaper/reaper_loop.h"
#include "runtime/admin_server.h"
#include "runtime/result.h"
#include "runtime/settings.h"
#include "schemas/ids.h"
#include "schemas/topics.h"

namespace sluice {

struct ReaperSettings {
  std::string brokers;
  std::int32_t generation = 1;
  std::int32_t partitions = kDefaultPartitions;
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
