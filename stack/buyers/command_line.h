// Adapter (CLI11): the command line of sluice-buyers.
#pragma once

#include <optional>

#include "stack/buyers/crowd.h"

namespace sluice {

struct BuyersCommandLine {
  CrowdSettings crowd;
  std::optional<int> exit_code;  // the answer has been printed: the process ends with this code
};

// `now`: when the buyers come if the command line does not say.
BuyersCommandLine read_buyers_command_line(UnixMillis now, int argc, const char* const* argv);

}  // namespace sluice
