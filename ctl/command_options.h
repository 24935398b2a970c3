// Adapter (CLI11): the commands of sluicectl and their options.
#pragma once

#include <functional>

#include "ctl/admin_commands.h"
#include "ctl/partition_commands.h"
#include "ctl/sale_commands.h"
#include "ctl/topic_commands.h"

namespace CLI {
class App;
}

namespace sluice {

// What the command line fills in.
struct Commands {
  SaleApply sale_apply;
  SaleShow sale_show;
  StockAdd stock_add;
  FreezeSku freeze;
  RefundOrder refund;
  SettleRefund settle;
  TopicsCommand topics;
  PartitionInspect inspect;
  PartitionVoid void_gap;
};

// Parsing sets `chosen` to what runs the command. All three outlive the parsing.
void add_commands(CLI::App& app, Commands& commands, std::function<ExitCode()>& chosen);

}  // namespace sluice
