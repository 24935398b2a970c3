#include "runtime/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <string>

#include "runtime/check.h"

namespace sluice {
namespace {

spdlog::level::level_enum spdlog_level(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

// Never destroyed: threads that still run while the process ends may log.
spdlog::logger& logger() {
  static const auto* const kept = [] {
    auto* const created = new auto(spdlog::stderr_logger_mt("sluice"));
    (*created)->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
    (*created)->flush_on(spdlog::level::trace);
    return created;
  }();
  return **kept;
}

std::string on_one_line(std::string_view text) {
  std::string line;
  line.reserve(text.size());
  for (const char c : text) {
    if (c == '\n') {
      line += "\\n";
    } else if (const auto byte = static_cast<unsigned char>(c); byte < 0x20 || byte == 0x7f) {
      line += fmt::format("\\x{:02x}", byte);
    } else {
      line += c;
    }
  }
  return line;
}

}  // namespace

std::vector<std::string> log_level_names() { return {"debug", "info", "warning", "error"}; }

LogLevel log_level_of(std::string_view name) {
  const std::vector<std::string> names = log_level_names();
  const auto found = std::ranges::find(names, name);
  CHECK(found != names.end());
  return static_cast<LogLevel>(found - names.begin());
}

void set_log_level(LogLevel level) { logger().set_level(spdlog_level(level)); }

bool is_logged(LogLevel level) { return logger().should_log(spdlog_level(level)); }

void write_log(LogLevel level, std::string_view text) { logger().log(spdlog_level(level), on_one_line(text)); }

}  // namespace sluice
