#include "runtime/daemon.h"

#include "runtime/log.h"

namespace sluice {

int run_daemon(const Program& program, int argc, const char* const* argv, SettingFields& fields,
               const std::function<Result<void>(StopSignal& stop)>& run) {
  const CommandLine line = read_command_line(program, argc, argv);
  if (line.exit_code) return *line.exit_code;
  StopSignal stop;
  std::string level = "info";
  fields.optional("log.level", level, "debug, info, warning or error");
  Result<void> done = fields.load(line.config_path);
  if (done) done = set_log_level(level);
  if (done) {
    log_info("{} {} starts with {}", program.name, program.version, line.config_path);
    done = run(stop);
  }
  if (!done) {
    log_error("{} ends: {}", program.name, done.error().message);
    return 1;
  }
  log_info("{} ends: it was asked to stop", program.name);
  return 0;
}

}  // namespace sluice
