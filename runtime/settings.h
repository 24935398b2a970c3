// Adapter (yaml-cpp): a daemon's settings. Its settings struct declares every field once, with name, place, bounds and meaning;
// the rest (reading, checking, what to say when it is wrong, the table in the README) is done here and in describe.h.
//
//   struct Settings { std::string brokers; std::int32_t partitions = 8; };
//   void declare(SettingFields& fields, Settings& settings) {
//     fields.required("kafka.brokers", settings.brokers, "host:port of some brokers, with commas between them");
//     fields.optional("topics.partitions", settings.partitions, {1, 4096}, "how many partitions each topic has");
//   }
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runtime/check.h"
#include "runtime/result.h"
#include "runtime/setting_value.h"

namespace sluice {

struct Setting {
  std::string name;  // section.key or section.section.key
  std::string help;
  bool required;
  SettingValue value;
  std::string default_text;  // of one that is not required
  std::string origin;        // after load(): "file:line", "environment variable …", "default"
};

// Fields are borrowed until the last call.
// The value that the field has when it is declared is its default; a required field has none. Empty is a value only where it is
// the default.
// The environment variable SLUICE_SECTION_KEY comes before the file (items of a list separated by commas).
// A secret is never a setting: name the file that holds it, with a key ending in _file, and read that with read_secret_file().
class SettingFields {
 public:
  void required(std::string name, std::string& field, std::string help);
  void optional(std::string name, std::string& field, std::string help);
  // REQUIRES: the rule accepts the default.
  void optional(std::string name, std::string& field, TextRule rule, std::string help);
  void choice(std::string name, std::string& field, std::vector<std::string> choices, std::string help);
  // At least one item.
  void required(std::string name, std::vector<std::string>& field, std::string help);
  void optional(std::string name, std::vector<std::string>& field, std::string help);
  void optional(std::string name, bool& field, std::string help);
  template <WholeNumber T>
  void required(const std::string& name, T& field, Range range, const std::string& help) {
    add(name, help, /*required=*/true, number_value(field, range));
  }
  // REQUIRES: the default lies in the range.
  template <WholeNumber T>
  void optional(const std::string& name, T& field, Range range, const std::string& help) {
    add(name, help, /*required=*/false, number_value(field, range));
  }

  // Fills the fields from the YAML file at `path`. The error names file, line, key and remedy; the fields are then half filled.
  Result<void> load(const std::string& path);

  // In the order of their declaration.
  const std::vector<Setting>& all() const { return settings_; }

  // Variables of the environment that begin like settings and name none: misspelt, or somebody else's.
  std::vector<std::string> unknown_variables() const;

 private:
  class Reader;
  void add(std::string name, std::string help, bool required, SettingValue value);
  Result<void> take_variables(const std::string& path);

  std::vector<Setting> settings_;
};

// The content of the file without the line break at its end. An empty or missing file is an error; the message never holds any
// of the content.
Result<std::string> read_secret_file(const std::string& path);

}  // namespace sluice
