#include "ctl/command_line.h"

#include <CLI/CLI.hpp>
#include <functional>

#include "ctl/sale_commands.h"
#include "ctl/topic_commands.h"
#include "runtime/library_log.h"
#include "runtime/log.h"

namespace sluice {
namespace {

constexpr const char* kPurpose = "Operates sluice, which sells scarce stock to crowds.";
constexpr const char* kExitCodes =
    "Exit code: 0 done (accepted, or a duplicate of what was accepted before), 1 refused, 2 the command or the file is wrong "
    "and\n"
    "nothing was sent, 3 no answer in time: run the same command again.\n";

using Run = std::function<ExitCode()>;

void add_common(CLI::App& command, std::string& brokers, std::chrono::seconds& timeout) {
  command.add_option("--brokers", brokers, "host:port of some Kafka brokers, with commas between them")
      ->envname("SLUICE_KAFKA_BROKERS")
      ->type_name("HOST:PORT")
      ->capture_default_str();
  command
      .add_option_function<int>(
          "--timeout", [&timeout](int seconds) { timeout = std::chrono::seconds(seconds); },
          "How long to wait for an answer (default 30)")
      ->check(CLI::Range(1, 3600))
      ->type_name("SECONDS");
}

void add_sale(CLI::App& app, SaleApply& apply, Run& chosen) {
  CLI::App& sale = *app.add_subcommand("sale", "Define sales")->require_subcommand(1);
  CLI::App& command =
      *sale.add_subcommand("apply", "Define or amend the sales of YAML files, and wait for the ledger's verdict");
  command.add_option("FILE", apply.files, "Each holds one or more sales; ctl/README.md describes the keys")
      ->required()
      ->type_name("");
  add_common(command, apply.brokers, apply.timeout);
  command.callback([&] { chosen = [&apply] { return run(apply); }; });
}

void add_topics(CLI::App& app, TopicsCommand& topics, Run& chosen) {
  CLI::App& group = *app.add_subcommand("topics", "Create and check the topics")->require_subcommand(1);
  const auto add = [&](const char* name, const char* purpose, ExitCode (*act)(const TopicsCommand&)) {
    CLI::App& command = *group.add_subcommand(name, purpose);
    add_common(command, topics.brokers, topics.timeout);
    command.add_option("--partitions", topics.partitions, "Of intents and of orders; for ever")
        ->check(CLI::Range(1, kPartitionMax + 1))
        ->type_name("NUMBER")
        ->capture_default_str();
    auto* single_node = command.add_flag("--single-node", topics.single_node,
                                         "One broker, one copy: for trying out; what its disk loses is lost");
    if (act == create_topics) {
      command.add_option("--replication", topics.replication, "Copies of every partition")
          ->check(CLI::Range(2, 100))
          ->type_name("NUMBER")
          ->capture_default_str()
          ->excludes(single_node);
    }
    command.callback([&chosen, &topics, act] { chosen = [&topics, act] { return act(topics); }; });
  };
  add("create", "Create the topics that are missing with the settings that they need, and check those that are there",
      create_topics);
  add("check", "Check that all topics are there with the settings that they need", check_topics);
}

}  // namespace

int run_sluicectl(int argc, const char* const* argv) {
  CLI::App app(kPurpose, "sluicectl");
  app.set_version_flag("--version", "sluicectl " SLUICE_VERSION);
  app.footer(kExitCodes);
  app.require_subcommand(1);
  const std::string local_broker = "127.0.0.1:19092";
  SaleApply apply{.files = {}, .brokers = local_broker};
  TopicsCommand topics{.brokers = local_broker};
  Run chosen;
  add_sale(app, apply, chosen);
  add_topics(app, topics, chosen);
  set_log_level(LogLevel::kError);
  take_library_logs();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& ended) {
    return app.exit(ended) == 0 ? 0 : static_cast<int>(ExitCode::kUsage);
  }
  return static_cast<int>(chosen());
}

}  // namespace sluice
