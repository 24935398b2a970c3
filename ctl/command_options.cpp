#include "ctl/command_options.h"

#include <CLI/CLI.hpp>

namespace sluice {
namespace {

using Run = std::function<ExitCode()>;

constexpr const char* kOrder = "Its ticket in decimal, as MySQL and the logs have it, or its public id";

void add_cluster(CLI::App& command, Cluster& cluster) {
  command.add_option("--brokers", cluster.brokers, "host:port of some Kafka brokers, with commas between them")
      ->envname("SLUICE_KAFKA_BROKERS")
      ->type_name("HOST:PORT")
      ->capture_default_str();
  command
      .add_option_function<int>(
          "--timeout", [&cluster](int seconds) { cluster.timeout = std::chrono::seconds(seconds); },
          "How long to wait for an answer (default 30)")
      ->check(CLI::Range(1, 3600))
      ->type_name("SECONDS");
}

void add_key(CLI::App& command, std::string& key) {
  command
      .add_option(
          "--key", key,
          "Names the request: the same command with the same key counts once, for ever. Made up and printed if not given")
      ->type_name("KEY");
}

void add_sku(CLI::App& command, std::string& sku) { command.add_option("SKU", sku, "What is sold")->required()->type_name(""); }

// Of every command: `run` is called with what the options filled in.
template <typename Command>
void add_run(CLI::App& app, Command& command, Run& chosen) {
  add_cluster(app, command.cluster);
  app.callback([&] { chosen = [&command] { return run(command); }; });
}

void add_sale(CLI::App& app, Commands& commands, Run& chosen) {
  CLI::App& sale = *app.add_subcommand("sale", "Define sales, and see how they stand")->require_subcommand(1);
  CLI::App& apply = *sale.add_subcommand("apply", "Define or amend the sales of YAML files, and wait for the ledger's verdict");
  apply.add_option("FILE", commands.sale_apply.files, "Each holds one or more sales; ctl/README.md describes the keys")
      ->required()
      ->type_name("");
  add_run(apply, commands.sale_apply, chosen);

  CLI::App& show = *sale.add_subcommand(
      "show",
      "Print terms, slots and stock of the sales, read off the topic orders from its beginning: right also when everything "
      "but Kafka is down, and slow when the history is long");
  show.add_option("SKU", commands.sale_show.sku, "Only the sale of this SKU")->type_name("");
  show.add_flag("--json", commands.sale_show.as_json, "In one line of JSON");
  add_run(show, commands.sale_show, chosen);
}

void add_stock(CLI::App& app, Commands& commands, Run& chosen) {
  CLI::App& stock = *app.add_subcommand("stock", "Change how much can be sold")->require_subcommand(1);
  CLI::App& add = *stock.add_subcommand(
      "add",
      "Add units to what can be bought now, or withdraw some. It is done as a whole or refused, with the number that could go");
  StockAdd& command = commands.stock_add;
  add_sku(add, command.sku);
  add.add_option("DELTA", command.delta, "Units: 5, or -5 to withdraw")->required()->type_name("");
  add.add_option("--reason", command.reason, "For people, at most 200 bytes")->required()->type_name("TEXT");
  add_key(add, command.key);
  add_run(add, command, chosen);
}

void add_freeze(CLI::App& app, Commands& commands, Run& chosen) {
  CLI::App& freeze =
      *app.add_subcommand("freeze", "Stop the selling of a SKU at once, or let it go on. Who holds an order can still pay it");
  FreezeSku& command = commands.freeze;
  add_sku(freeze, command.sku);
  freeze
      .add_option_function<std::string>(
          "STATE", [&command](const std::string& state) { command.on = state == "on"; }, "on or off")
      ->required()
      ->check(CLI::IsMember({"on", "off"}))
      ->type_name("");
  add_key(freeze, command.key);
  add_run(freeze, command, chosen);
}

void add_refund(CLI::App& app, Commands& commands, Run& chosen) {
  CLI::App& refund = *app.add_subcommand("refund", "Give the money of a paid order back, and note that it was paid back");
  RefundOrder& command = commands.refund;
  refund.add_option("ORDER", command.order, kOrder)->type_name("");
  auto* restock = refund.add_flag("--restock", command.restock, "Its units can be sold again");
  auto* withdraw = refund.add_flag("--withdraw")->description("Its units are taken out of the sale")->excludes(restock);
  add_key(refund, command.key);

  CLI::App& settled = *refund.add_subcommand("settled", "Note that the gateway has paid back what was due");
  settled.add_option("PAYMENT", commands.settle.payment, "The gateway's id of the payment")->required()->type_name("");
  settled.add_option("--order", commands.settle.order, "The order that the payment named: left out if it named none of ours")
      ->type_name("ORDER");
  add_run(settled, commands.settle, chosen);

  add_cluster(refund, command.cluster);
  refund.require_subcommand(0, 1);
  refund.final_callback([&settled, &command, restock, withdraw, &chosen] {
    if (settled.parsed()) return;
    if (command.order.empty()) throw CLI::RequiredError("ORDER");
    if (restock->count() + withdraw->count() == 0) throw CLI::RequiredError("--restock or --withdraw");
    chosen = [&command] { return run(command); };
  });
}

void add_topics(CLI::App& app, TopicsCommand& topics, Run& chosen) {
  CLI::App& group = *app.add_subcommand("topics", "Create and check the topics")->require_subcommand(1);
  const auto add = [&](const char* name, const char* purpose, ExitCode (*act)(const TopicsCommand&)) {
    CLI::App& command = *group.add_subcommand(name, purpose);
    add_cluster(command, topics.cluster);
    command.add_option("--partitions", topics.partitions, "Of intents and of orders; for ever")
        ->check(CLI::Range(1, kPartitionMax + 1))
        ->type_name("NUMBER")
        ->capture_default_str();
    auto* single_node = command.add_flag("--single-node", topics.single_node,
                                         "One broker, one copy: for trying out; what its disk loses is lost");
    if (act == create_topics) {
      command.add_option("--replication", topics.replication, "Copies of every partition")
          ->check(CLI::Range(kCopiesMin, 100))
          ->type_name("NUMBER")
          ->capture_default_str()
          ->excludes(single_node);
    }
    command.callback([&chosen, &topics, act] { chosen = [&topics, act] { return act(topics); }; });
  };
  add("create", "Create the topics that are missing with the settings that they need, and check those that are there",
      create_topics);
  add("check", "Check that all topics are there with the partitions, copies and settings that they need", check_topics);
}

void add_partition_of(CLI::App& command, int& partition, std::string& application) {
  command.add_option("PARTITION", partition, "Its number")->required()->check(CLI::Range(0, kPartitionMax))->type_name("");
  command.add_option("--application", application, "The ledgers' setting of that name: their group and transactional ids")
      ->type_name("NAME")
      ->capture_default_str();
}

void add_partition(CLI::App& app, Commands& commands, Run& chosen) {
  CLI::App& group =
      *app.add_subcommand("partition", "Look at a partition whose ledger has stopped, and mend it")->require_subcommand(1);
  PartitionInspect& inspect = commands.inspect;
  CLI::App& look = *group.add_subcommand(
      "inspect",
      "Position, digest, ends of intents and orders, last records, open transaction and owner; what is wrong, and what "
      "to do about it. Changes nothing; exit code 1 if something is wrong");
  add_partition_of(look, inspect.partition, inspect.application);
  look.add_option("--records", inspect.records, "So many of the last ones")->check(CLI::Range(1, 1000))->capture_default_str();
  auto* next =
      look.add_option("--next", inspect.next, "Position of a local store, as the ledger's message says it: does it fit?")
          ->check(CLI::Range(Offset{0}, kOffsetMax))
          ->type_name("OFFSET");
  look.add_option("--digest", inspect.digest, "With it, in hexadecimal")->type_name("HEX")->needs(next);
  look.add_flag("--json", inspect.as_json, "In one line of JSON");
  add_run(look, inspect, chosen);

  PartitionVoid& gap = commands.void_gap;
  CLI::App& mend = *group.add_subcommand(
      "void",
      "Record that intents are gone from the topic intents for good, so that the ledger can go on behind them. Refused if "
      "any of them is there, or if orders does not end right before them");
  add_partition_of(mend, gap.partition, gap.application);
  mend.add_option("--from", gap.from, "The first one: where orders ends")
      ->required()
      ->check(CLI::Range(Offset{0}, kOffsetMax))
      ->type_name("OFFSET");
  mend.add_option("--to", gap.to, "The last one")->required()->check(CLI::Range(Offset{0}, kOffsetMax))->type_name("OFFSET");
  mend.add_option("--reason", gap.reason, "For people, at most 200 bytes; stays in the log for ever")
      ->required()
      ->type_name("TEXT");
  mend.add_flag("--dry-run", gap.dry_run, "Look and say what would be recorded; take nothing over, write nothing");
  add_run(mend, gap, chosen);
}

}  // namespace

void add_commands(CLI::App& app, Commands& commands, Run& chosen) {
  add_sale(app, commands, chosen);
  add_stock(app, commands, chosen);
  add_freeze(app, commands, chosen);
  add_refund(app, commands, chosen);
  add_topics(app, commands.topics, chosen);
  add_partition(app, commands, chosen);
}

}  // namespace sluice
