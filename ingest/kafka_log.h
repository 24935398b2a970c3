// Shell: opens the log at the start of the process.
#pragma once

#include <memory>
#include <string>

#include "ingest/doorbell.h"
#include "ingest/kafka_appends.h"
#include "ingest/kafka_tail.h"
#include "ingest/settings.h"
#include "runtime/run_loop.h"

namespace sluice {

struct KafkaLog {
  std::unique_ptr<KafkaAppends> appends;
  std::unique_ptr<KafkaTail> tail;

  // Why requests should not come here now; empty if they may. Asks the brokers. Any thread. REQUIRES: it was opened.
  std::string problem() const;
};

// Waits in the loop's way, saying so, for brokers that answer; refuses topics that are missing or have other settings than
// schemas/topics.h asks for. Both ring `bell`, which outlives them. Nothing is opened (both are null) if a stop is requested
// first.
Result<KafkaLog> open_log(const IngestSettings& settings, const Doorbell& bell, RunLoop& loop);

}  // namespace sluice
