// Shell: the frame that every daemon's main.cpp stands in, from the command line to the exit code.
#pragma once

#include <functional>

#include "runtime/command_line.h"
#include "runtime/result.h"
#include "runtime/settings.h"
#include "runtime/stop_signal.h"

namespace sluice {

// Reads the command line, loads `fields` from its --config, blocks the stop signals and calls `run`, which returns when `stop`
// is requested or with the error that it cannot handle. Returns the exit code: 0 after a stop; otherwise one line on stderr
// said why.
int run_daemon(const Program& program, int argc, const char* const* argv, SettingFields& fields,
               const std::function<Result<void>(StopSignal& stop)>& run);

}  // namespace sluice
