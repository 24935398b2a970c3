#include "ctl/command_line.h"

#include <CLI/CLI.hpp>
#include <functional>

#include "ctl/command_options.h"
#include "runtime/library_log.h"
#include "runtime/log.h"

namespace sluice {
namespace {

constexpr const char* kPurpose = "Operates sluice, which sells scarce stock to crowds.";
constexpr const char* kExitCodes =
    "Exit code: 0 done (accepted, or a duplicate of what was accepted before), 1 refused, 2 the command or the file is wrong\n"
    "and nothing was sent, 3 no answer in time: run the same command again.\n";

}  // namespace

int run_sluicectl(int argc, const char* const* argv) {
  CLI::App app(kPurpose, "sluicectl");
  app.set_version_flag("--version", "sluicectl " SLUICE_VERSION);
  app.footer(kExitCodes);
  app.require_subcommand(1);
  Commands commands;
  std::function<ExitCode()> chosen;
  add_commands(app, commands, chosen);
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
