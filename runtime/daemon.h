// Shell: the frame that every daemon's main.cpp stands in, from the command line to the exit code.
#pragma once

#include <functional>

#include "runtime/command_line.h"
#include "runtime/metrics.h"
#include "runtime/result.h"
#include "runtime/settings.h"
#include "runtime/stop_signal.h"

namespace sluice {

struct DaemonParts {
  Program program;
  // What is wrong with the settings that needs no server to be seen, beyond each value by itself: secrets that cannot be read
  // or are too short, values that do not fit together.
  std::function<Result<void>()> check;
  // Registers every metric that the daemon can ever show, by the same code as it does when it runs.
  std::function<void(Metrics& metrics)> register_metrics;
  // Returns when `stop` is requested, or with the error that it cannot handle.
  std::function<Result<void>(StopSignal& stop)> run;
};

// Does what the command line asks for: runs the daemon with the settings of its --config, which fill `fields`; checks them; or
// describes what there is. Returns the exit code: 0 after a stop, or when what was asked for is done; otherwise one line on
// stderr said why.
int run_daemon(const DaemonParts& daemon, SettingFields& fields, int argc, const char* const* argv);

// The same, for settings with declare(SettingFields&, Settings&) and Result<void> check(const Settings&).
template <typename Settings>
struct Daemon {
  Program program;
  void (*register_metrics)(Metrics& metrics);
  Result<void> (*run)(const Settings& settings, StopSignal& stop);
};

template <typename Settings>
int run_daemon(const Daemon<Settings>& daemon, int argc, const char* const* argv) {
  Settings settings;
  SettingFields fields;
  declare(fields, settings);
  return run_daemon({.program = daemon.program,
                     .check = [&] { return check(settings); },
                     .register_metrics = daemon.register_metrics,
                     .run = [&](StopSignal& stop) { return daemon.run(settings, stop); }},
                    fields, argc, argv);
}

}  // namespace sluice
