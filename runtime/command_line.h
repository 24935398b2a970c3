// Adapter (CLI11): the command line that all daemons have.
#pragma once

#include <optional>
#include <string>

namespace sluice {

struct Program {
  std::string name;     // sluice-ledger
  std::string version;  // 0.1.0
  std::string purpose;  // one sentence for --help
};

enum class Act { kRun, kCheckConfig, kDescribeSettings, kDescribeMetrics };

struct CommandLine {
  Act act = Act::kRun;
  std::string config_path;       // to run and to check
  std::optional<int> exit_code;  // the answer has been printed: the process ends with this code
};

CommandLine read_command_line(const Program& program, int argc, const char* const* argv);

}  // namespace sluice
