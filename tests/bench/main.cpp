#include <fmt/core.h>

#include <cstdio>

#include "runtime/clock.h"
#include "tests/bench/bare_loop.h"
#include "tests/bench/census.h"
#include "tests/bench/command_line.h"
#include "tests/bench/intent_writer.h"
#include "tests/bench/own_cost.h"
#include "tests/bench/probe.h"
#include "tests/bench/verdict_times.h"
#include "tests/bench/wide_loop.h"

namespace sluice::bench {
namespace {

void say(const std::string& line) {
  fmt::print("{}\n", line);
  std::fflush(stdout);
}

template <typename T>
Result<void> tell(const Result<T>& found) {
  if (!found) return found.error();
  say(json_of(*found));
  return {};
}

Result<void> append(const CommandLine& line) {
  const auto writer = IntentWriter::open(line.client);
  if (!writer) return writer.error();
  if (line.sales) {
    if (auto appended = append_sales(**writer, line.crowd, unix_millis()); !appended) return appended;
  }
  return append_crowd(**writer, line.crowd, line.per_second);
}

// What it has cost until now is what the loop itself has cost: there is nothing else in the process.
Result<void> limit(const CommandLine& line) {
  const BareLoopSettings settings{
      .client = line.client,
      .partition = {},
      .key = skus_of({}).front().name,
      .record_bytes = line.record_bytes,
      .batch_intents_max = line.batch_intents_max};
  const auto ready = [] { say("ready"); };
  const auto drained = line.one_producer ? drain_at_once(settings, line.crowd.partition_count, ready)
                                         : drain_partitions(settings, line.crowd.partition_count, line.intents, ready);
  if (!drained) return drained;
  return tell(Result(own_cost()));
}

Result<void> probe(const CommandLine& line) {
  return tell(probe_verdict(line.client, line.crowd, [] {
    say("ready");
    while (std::getchar() > '\n') continue;
  }));
}

Result<void> run(const CommandLine& line) {
  if (line.act == "append") return append(line);
  if (line.act == "limit") return limit(line);
  if (line.act == "census") return tell(take_census(line.client, {line.topic, line.crowd.partition_count, line.opaque}));
  if (line.act == "verdicts")
    return tell(measure_verdict_times({line.client, line.topic, line.crowd, line.per_second, line.not_counted}));
  return probe(line);
}

}  // namespace
}  // namespace sluice::bench

int main(int argc, char** argv) {  // NOLINT(bugprone-exception-escape): ends the bench, as it should
  const sluice::bench::CommandLine line = sluice::bench::read_command_line(argc, argv);
  if (line.exit_code) return *line.exit_code;
  const auto done = sluice::bench::run(line);
  if (done) return 0;
  fmt::print(stderr, "bench_kafka {}: {}\n", line.act, done.error().message);
  return 1;
}
