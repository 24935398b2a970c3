// Shell: `sluicectl sale …`.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "ctl/verdict_text.h"

namespace sluice {

struct SaleApply {
  std::vector<std::string> files;
  std::string brokers;
  std::chrono::seconds timeout{30};
};

// Reads all files before it sends anything. One line per sale on stdout, errors on stderr; ends at the first sale that is not
// accepted.
ExitCode run(const SaleApply& command);

}  // namespace sluice
