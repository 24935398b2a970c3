#include "runtime/command_line.h"

#include <CLI/CLI.hpp>

namespace sluice {

CommandLine read_command_line(const Program& program, int argc, const char* const* argv) {
  CLI::App app(program.purpose, program.name);
  app.footer("In place of `section: {key: value}` in FILE the environment can have SLUICE_SECTION_KEY=value.");
  CommandLine line;
  app.add_option("--config", line.config_path, "The YAML file with the settings")->type_name("FILE");
  const auto add_act = [&](const char* flag, Act act, const char* meaning) {
    return app.add_flag_callback(
        flag, [&line, act] { line.act = act; }, meaning);
  };
  auto* const check = add_act("--check-config", Act::kCheckConfig,
                              "Read the settings and the files they name, tell what holds and where it comes from, and end");
  auto* const settings = add_act("--describe-settings", Act::kDescribeSettings, "Tell which settings there are, and end");
  auto* const metrics = add_act("--describe-metrics", Act::kDescribeMetrics, "Tell which metrics there are, and end");
  check->excludes(settings)->excludes(metrics);
  settings->excludes(metrics);
  app.set_version_flag("--version", program.name + " " + program.version);
  try {
    app.parse(argc, argv);
    const bool reads_config = line.act == Act::kRun || line.act == Act::kCheckConfig;
    if (reads_config && line.config_path.empty()) throw CLI::RequiredError("--config");
  } catch (const CLI::ParseError& ended) {
    line.exit_code = app.exit(ended);
  }
  return line;
}

}  // namespace sluice
