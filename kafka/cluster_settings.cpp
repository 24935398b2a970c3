#include "kafka/cluster_settings.h"

#include "schemas/ids.h"

namespace sluice::kafka {

void declare(SettingFields& fields, ClusterSettings& settings) {
  fields.required("kafka.brokers", settings.brokers, "host:port of some brokers, with commas between them");
  fields.optional("topics.generation", settings.generation, {1, kGenerationMax},
                  "chosen when the topics were created, one more each time they are created anew");
  fields.optional("topics.partitions", settings.partitions, {1, kPartitionMax + 1},
                  "how many partitions intents and orders have");
}

}  // namespace sluice::kafka
