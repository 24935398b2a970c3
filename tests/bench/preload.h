// Shell: makes the topics of a bench and fills `intents` with a crowd.
#pragma once

#include "kafka/client_settings.h"
#include "runtime/result.h"
#include "tests/bench/crowd.h"

namespace sluice::bench {

// Makes `intents` and `orders` and a topic for the limit's records, each with so many partitions, and waits until they are
// there.
Result<void> make_topics(const kafka::ClientSettings& client, int partition_count);

// Its sales and all its buyers, acknowledged.
Result<void> preload(const kafka::ClientSettings& client, const Crowd& crowd);

}  // namespace sluice::bench
