#include "runtime/command_line.h"

#include <CLI/CLI.hpp>

namespace sluice {

CommandLine read_command_line(const Program& program, int argc, const char* const* argv) {
  CLI::App app(program.purpose, program.name);
  CommandLine line;
  app.add_option("--config", line.config_path, "The YAML file with the settings")->required()->type_name("FILE");
  app.set_version_flag("--version", program.name + " " + program.version);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& ended) {
    line.exit_code = app.exit(ended);
  }
  return line;
}

}  // namespace sluice
