#include "ingest/metrics.h"

#include <array>
#include <string>

#include "runtime/run_loop.h"

namespace sluice {
namespace {

constexpr std::array kStatuses = {200, 202, 304, 400, 401, 403, 404, 405, 409, 413, 415, 422, 503};
constexpr const char* kAnswers = "sluice_ingest_answers_total";
constexpr const char* kAnswersHelp = "Answers to requests, by HTTP status";

}  // namespace

IngestMetrics::IngestMetrics(Metrics& metrics, int partitions)
    : payments_unusable(metrics.counter("sluice_ingest_payments_unusable_total",
                                        "Payments with a good signature that could not be taken; the log says why")),
      repeats(metrics.counter("sluice_ingest_repeats_total", "Requests that repeated one which was still remembered")),
      append_seconds(metrics.histogram("sluice_ingest_append_seconds", "From a request to the acknowledgement of its intent",
                                       latency_bounds_seconds())),
      appends_in_flight(metrics.gauge("sluice_ingest_appends_in_flight", "Intents whose append has not ended")),
      waits_open(metrics.gauge("sluice_ingest_waits_open", "Requests that wait for a verdict")),
      other_answers_(metrics.counter(kAnswers, kAnswersHelp, {{"status", "other"}})) {
  for (const int status : kStatuses) {
    answers_.push_back({status, &metrics.counter(kAnswers, kAnswersHelp, {{"status", std::to_string(status)}})});
  }
  for (int partition = 0; partition < partitions; ++partition) {
    next_offset.push_back(&metrics.gauge("sluice_ingest_next_offset", "First offset of intents whose verdict is not known here",
                                         {{"partition", std::to_string(partition)}}));
  }
}

void register_ingest_metrics(Metrics& metrics) {
  LoopMetrics(metrics, "ingest", "requests");
  IngestMetrics(metrics, /*partitions=*/1);
}

Counter& IngestMetrics::answers(int status) {
  for (const Answered& answered : answers_) {
    if (answered.status == status) return *answered.counter;
  }
  return other_answers_;
}

}  // namespace sluice
