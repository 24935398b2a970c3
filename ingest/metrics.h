// Shell: what ingest counts.
#pragma once

#include <array>
#include <vector>

#include "runtime/metrics.h"

namespace sluice {

struct IngestMetrics {
  IngestMetrics(Metrics& metrics, int partitions);

  // The counter of a status; one of those that ingest answers.
  Counter& answers(int status);

  Counter& payments_unusable;  // genuine, and without an id, amount or currency that can be written down: a matter for people
  Counter& repeats;            // requests that were answered by an intent already taken
  Histogram& append_seconds;
  Gauge& appends_in_flight;
  Gauge& waits_open;
  std::vector<Gauge*> next_offset;  // by partition: the first undecided one, as this ingest's view has it

 private:
  struct Answered {
    int status;
    Counter* counter;
  };
  std::vector<Answered> answers_;
  Counter& other_answers_;
};

// All that an ingest has when it runs, for --describe-metrics.
void register_ingest_metrics(Metrics& metrics);

}  // namespace sluice
