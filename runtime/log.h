// Adapter (spdlog): the log. One line per event to stderr: time, level, text. Any thread may write.
#pragma once

#include <fmt/core.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice {

enum class LogLevel {
  kDebug,
  kInfo,     // something changed its state: started, stopped, connected, took over
  kWarning,  // it goes on, but somebody should know
  kError,    // it does not go on
};

// debug, info, warning, error: as in the enumeration.
std::vector<std::string> log_level_names();
// REQUIRES: it is one of these.
LogLevel log_level_of(std::string_view name);

// Until it is called, kInfo and above are written.
void set_log_level(LogLevel level);

bool is_logged(LogLevel level);

// Line breaks and other control characters in `text` are escaped, so that a line stays a line whatever a client sent.
void write_log(LogLevel level, std::string_view text);

template <typename... Args>
void log_debug(fmt::format_string<Args...> format, Args&&... arguments) {
  if (is_logged(LogLevel::kDebug)) write_log(LogLevel::kDebug, fmt::format(format, std::forward<Args>(arguments)...));
}

template <typename... Args>
void log_info(fmt::format_string<Args...> format, Args&&... arguments) {
  if (is_logged(LogLevel::kInfo)) write_log(LogLevel::kInfo, fmt::format(format, std::forward<Args>(arguments)...));
}

template <typename... Args>
void log_warning(fmt::format_string<Args...> format, Args&&... arguments) {
  if (is_logged(LogLevel::kWarning)) write_log(LogLevel::kWarning, fmt::format(format, std::forward<Args>(arguments)...));
}

template <typename... Args>
void log_error(fmt::format_string<Args...> format, Args&&... arguments) {
  write_log(LogLevel::kError, fmt::format(format, std::forward<Args>(arguments)...));
}

}  // namespace sluice
