#include "tests/bench/command_line.h"

#include <CLI/CLI.hpp>

namespace sluice::bench {
namespace {

constexpr int kWrongUse = 2;

void add_crowd(CLI::App& act, Crowd& crowd) {
  act.add_option("--skus", crowd.skus, "spread evenly over the partitions")->capture_default_str();
  act.add_option("--first", crowd.first, "number of the first buyer")->capture_default_str();
  act.add_option("--buyers", crowd.buyers, "one unit each, each another user")->capture_default_str();
}

}  // namespace

CommandLine read_command_line(int argc, const char* const* argv) {
  CommandLine line;
  CLI::App app("What the bench does to Kafka: fills intents, drains them without a thought, looks at what came of it.",
               "bench_kafka");
  app.add_option("--brokers", line.client.brokers, "host:port")->required();
  app.add_option("--partitions", line.crowd.partition_count, "of every topic")->capture_default_str();
  app.require_subcommand(1);

  CLI::App& append = *app.add_subcommand("append", "appends a crowd's purchases to intents");
  add_crowd(append, line.crowd);
  append.add_option("--stock", line.crowd.stock, "of each SKU")->capture_default_str();
  append.add_flag("--sales", line.sales, "defines the sales first");
  append.add_flag("--mixed", line.crowd.mixed, "with repetitions and second purchases");
  append.add_option("--per-second", line.per_second, "0: as fast as it goes")->capture_default_str();

  CLI::App& limit = *app.add_subcommand("limit", "the bare loop: a record for each intent");
  limit.add_option("--record-bytes", line.record_bytes, "of each")->required();
  limit.add_option("--intents", line.intents, "how many will come; else what is there");
  limit.add_option("--batch", line.batch_intents_max, "most intents of a transaction")->capture_default_str();
  limit.add_flag("--one-producer", line.one_producer, "one loop for all partitions, instead of one for each");

  CLI::App& census = *app.add_subcommand("census", "counts a topic's rulings, and when they were appended");
  census.add_option("--topic", line.topic, "which")->required();
  census.add_flag("--opaque", line.opaque, "its messages are no order records");

  CLI::App& verdicts = *app.add_subcommand("verdicts", "appends purchases at a rate and times their records");
  add_crowd(verdicts, line.crowd);
  verdicts.add_option("--topic", line.topic, "where the records appear")->required();
  verdicts.add_option("--per-second", line.per_second, "the rate")->required();
  verdicts.add_option("--not-counted", line.not_counted, "purchases at the beginning")->capture_default_str();

  CLI::App& probe = *app.add_subcommand("probe", "prints `ready`, waits for a line, buys once and waits for the verdict");
  add_crowd(probe, line.crowd);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    line.exit_code = app.exit(error) == 0 ? 0 : kWrongUse;
    return line;
  }
  line.client.name = line.act = app.get_subcommands().front()->get_name();
  return line;
}

}  // namespace sluice::bench
