// Shell: `sluicectl sale …`.
#pragma once

#include <string>
#include <vector>

#include "ctl/cluster.h"
#include "ctl/verdict_text.h"

namespace sluice {

struct SaleApply {
  Cluster cluster;
  std::vector<std::string> files;
};

// Reads all files before it sends anything. One line per sale on stdout, errors on stderr; ends at the first sale that is not
// accepted.
ExitCode run(const SaleApply& command);

struct SaleShow {
  Cluster cluster;
  std::string sku;  // empty: all
  bool as_json = false;
};

// Reads `orders` from its beginning to its end of now: what it prints is what the ledger ruled, whatever else is down.
ExitCode run(const SaleShow& command);

}  // namespace sluice
