#include "runtime/daemon.h"

#include <fmt/core.h>

#include <cstdio>

#include "runtime/describe.h"
#include "runtime/library_log.h"
#include "runtime/log.h"

namespace sluice {
namespace {

int describe_settings(const SettingFields& fields) {
  fmt::print("{}", settings_table(fields));
  return 0;
}

int describe_metrics(const DaemonParts& daemon) {
  Metrics metrics;
  daemon.register_metrics(metrics);
  fmt::print("{}", metrics_table(metrics));
  return 0;
}

Result<void> load(const DaemonParts& daemon, SettingFields& fields, const std::string& path) {
  if (auto loaded = fields.load(path); !loaded) return loaded;
  return daemon.check();
}

int check_config(const DaemonParts& daemon, SettingFields& fields, const std::string& path) {
  if (const auto loaded = load(daemon, fields, path); !loaded) {
    fmt::print(stderr, "{}\n", loaded.error().message);
    return 1;
  }
  fmt::print("{}", effective_settings(fields));
  for (const std::string& variable : fields.unknown_variables()) {
    fmt::print("environment variable {} is no setting: nobody reads it\n", variable);
  }
  fmt::print("{}: {} is good\n", daemon.program.name, path);
  return 0;
}

}  // namespace

int run_daemon(const DaemonParts& daemon, SettingFields& fields, int argc, const char* const* argv) {
  const Program& program = daemon.program;
  const CommandLine line = read_command_line(program, argc, argv);
  if (line.exit_code) return *line.exit_code;
  std::string level = "info";
  fields.choice("log.level", level, log_level_names(), "the least grave of the lines that are written");
  if (line.act == Act::kDescribeSettings) return describe_settings(fields);
  if (line.act == Act::kDescribeMetrics) return describe_metrics(daemon);
  if (line.act == Act::kCheckConfig) return check_config(daemon, fields, line.config_path);

  StopSignal stop;
  take_library_logs();
  Result<void> done = load(daemon, fields, line.config_path);
  if (done) {
    set_log_level(log_level_of(level));
    log_info("{} {} starts with {}", program.name, program.version, line.config_path);
    done = daemon.run(stop);
  }
  if (!done) {
    log_error("{} ends: {}", program.name, done.error().message);
    return 1;
  }
  log_info("{} ends: it was asked to stop", program.name);
  return 0;
}

}  // namespace sluice
