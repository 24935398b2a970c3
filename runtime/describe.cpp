#include "runtime/describe.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

namespace sluice {
namespace {

// In a cell of a table, a bar is the end of the cell.
std::string cell(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '|') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string code(const std::string& text) { return "`" + cell(text) + "`"; }

std::string default_of(const Setting& setting) {
  if (setting.required) return "required";
  return setting.default_text.empty() || setting.default_text == "[]" ? "none" : code(setting.default_text);
}

}  // namespace

std::string settings_table(const SettingFields& fields) {
  std::string table = "| key | type | default | bounds | meaning |\n|---|---|---|---|---|\n";
  for (const Setting& setting : fields.all()) {
    table += fmt::format("| {} | {} | {} | {} | {} |\n", code(setting.name), type_of(setting.value), default_of(setting),
                         cell(bounds_of(setting.value)), cell(setting.help));
  }
  return table;
}

std::string metrics_table(const Metrics& metrics) {
  std::vector<MetricFamily> families = metrics.families();
  std::ranges::sort(families, {}, &MetricFamily::name);
  std::string table = "| name | type | labels | meaning |\n|---|---|---|---|\n";
  for (const MetricFamily& family : families) {
    std::vector<std::string> labels;
    for (const std::string& label : family.labels) labels.push_back(code(label));
    table += fmt::format("| {} | {} | {} | {} |\n", code(family.name), family.type, fmt::join(labels, ", "), cell(family.help));
  }
  return table;
}

std::string effective_settings(const SettingFields& fields) {
  std::string lines;
  for (const Setting& setting : fields.all()) {
    lines += fmt::format("{} = {}  ({})\n", setting.name, text_of(setting.value), setting.origin);
  }
  return lines;
}

}  // namespace sluice
