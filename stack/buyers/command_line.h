// Adapter (CLI11): the command line of sluice-buyers.
#pragma once

#include <optional>

#include "stack/buyers/crowd.h"

namespace sluice {

struct BuyersCommandLine {
  CrowdSettings crowd;
  std::optional<int> exit_code;  // the answer has been printed: the process ends with this code, 2 if the line was wrong
};

BuyersCommandLine read_buyers_command_line(const char* version, int argc, const char* const* argv);

}  // namespace sluice
