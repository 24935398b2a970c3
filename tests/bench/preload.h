// Shell: fills a partition of `intents` with one sale and a crowd that buys.
#pragma once

#include <string>

#include "kafka/client_settings.h"
#include "runtime/result.h"
#include "schemas/ids.h"

namespace sluice::bench {

struct Crowd {
  Partition partition;
  int partition_count = 8;
  int purchases = 1'000'000;  // one unit each, each by another user
  int stock = 1'000'000;
};

// Makes `intents` and `orders` and a topic for the limit's records, each with so many partitions.
Result<void> make_topics(const kafka::ClientSettings& client, int partition_count);

// Returns the SKU, one that belongs to the partition.
Result<std::string> preload(const kafka::ClientSettings& client, const Crowd& crowd);

}  // namespace sluice::bench
