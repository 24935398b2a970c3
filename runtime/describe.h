// Shell: a daemon's settings and metrics as text for people. The tables stand in its README; a test compares them.
#pragma once

#include <string>

#include "runtime/metrics.h"
#include "runtime/settings.h"

namespace sluice {

// Markdown: key, type, default, bounds, meaning.
std::string settings_table(const SettingFields& fields);

// Markdown: name, type, labels, meaning; by name.
std::string metrics_table(const Metrics& metrics);

// After load(): a line for each setting with its value and where that came from. Of secrets there are only the names of files.
std::string effective_settings(const SettingFields& fields);

}  // namespace sluice
