// Shell: opens the log at the start of the process.
#pragma once

#include <memory>
#include <string>

#include "ingest/doorbell.h"
#include "ingest/kafka_appends.h"
#include "ingest/kafka_tail.h"
#include "ingest/settings.h"
#include "runtime/stop_signal.h"

namespace sluice {

struct KafkaLog {
  std::unique_ptr<KafkaAppends> appends;
  std::unique_ptr<KafkaTail> tail;

  // Why requests should not come here now; empty if they may. Asks the brokers. Any thread. REQUIRES: it was opened.
  std::string problem() const;
};

// Waits, saying so, for brokers that answer and topics that are there; refuses topics with other settings than design section 3
// asks for. Both ring `bell`, which outlives them. Nothing is opened (both are null) if a stop is requested first.
Result<KafkaLog> open_log(const IngestSettings& settings, const Doorbell& bell, const StopSignal& stop);

}  // namespace sluice
