// Adapter (CLI11): the command line that all daemons have: --config FILE, --help, --version.
#pragma once

#include <optional>
#include <string>

namespace sluice {

struct Program {
  std::string name;     // sluice-ledger
  std::string version;  // 0.1.0
  std::string purpose;  // one sentence for --help
};

struct CommandLine {
  std::string config_path;
  std::optional<int> exit_code;  // the answer has been printed: the process ends with this code
};

CommandLine read_command_line(const Program& program, int argc, const char* const* argv);

}  // namespace sluice
