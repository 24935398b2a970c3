// Shell: `sluicectl stock`, `freeze` and `refund`: the acts of administrators, appended to the log and ruled on by the ledger.
#pragma once

#include <cstdint>
#include <string>

#include "ctl/cluster.h"
#include "ctl/verdict_text.h"

namespace sluice {

// Acts with a `key` count once per key; an empty one is made up, and told on stderr before anything is sent. Each prints one
// line on stdout with the verdict, and what it changed; errors go to stderr, with the command to repeat if nobody knows how it
// ended.

struct StockAdd {
  Cluster cluster;
  std::string sku;
  std::int64_t delta = 0;  // units; negative ones are withdrawn
  std::string reason;
  std::string key;
};
ExitCode run(const StockAdd& command);

struct FreezeSku {
  Cluster cluster;
  std::string sku;
  bool on = false;
  std::string key;
};
ExitCode run(const FreezeSku& command);

struct RefundOrder {
  Cluster cluster;
  std::string order;  // as parse_order_name() takes it
  bool restock = false;
  std::string key;
};
ExitCode run(const RefundOrder& command);

struct SettleRefund {
  Cluster cluster;
  std::string payment;
  std::string order;  // the same; empty: the payment named none of ours
};
ExitCode run(const SettleRefund& command);

}  // namespace sluice
