// Shell: the settings by which every daemon finds Kafka, and knows which topics are meant.
#pragma once

#include <cstdint>
#include <string>

#include "runtime/settings.h"
#include "schemas/topics.h"

namespace sluice::kafka {

struct ClusterSettings {
  std::string brokers;
  std::int32_t generation = 1;
  std::int32_t partitions = kDefaultPartitions;
};
// kafka.brokers, topics.generation and topics.partitions
void declare(SettingFields& fields, ClusterSettings& settings);

}  // namespace sluice::kafka
