#include "runtime/settings.h"

#include <fmt/core.h>
#include <unistd.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <set>
#include <string_view>

#include "runtime/yaml_documents.h"

namespace sluice {
namespace {

constexpr std::size_t kSettingsBytesMax = std::size_t{1024} * 1024;
constexpr std::size_t kSecretBytesMax = std::size_t{64} * 1024;
constexpr std::string_view kVariablePrefix = "SLUICE_";

Result<std::string> read_file(const std::string& path, std::size_t bytes_max) {
  std::ifstream file(path, std::ios::binary);
  std::string content(bytes_max + 1, '\0');
  file.read(content.data(), static_cast<std::streamsize>(content.size()));
  if (!file.is_open() || file.bad()) return Error::fatal(fmt::format("{}: cannot be read: {}", path, std::strerror(errno)));
  content.resize(static_cast<std::size_t>(file.gcount()));
  if (content.size() > bytes_max) return Error::fatal(fmt::format("{}: has more than {} bytes", path, bytes_max));
  return content;
}

std::string variable_of(const std::string& name) {
  std::string variable(kVariablePrefix);
  for (const char c : name) {
    variable += c == '.' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return variable;
}

std::vector<std::string> split_at_commas(std::string_view text) {
  std::vector<std::string> items;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    items.emplace_back(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return items;
}

bool names_a_secret(std::string_view name) {
  return name.ends_with("password") || name.ends_with("secret") || name.ends_with("token");
}

}  // namespace

// Walks one YAML document and gives each scalar or list to the setting of its name.
class SettingFields::Reader {
 public:
  Reader(std::vector<Setting>& settings, const std::string& path) : settings_(settings), path_(path) {}

  Result<void> read(const YAML::Node& map, const std::string& section) {
    std::set<std::string> keys;
    for (const auto& entry : map) {
      if (!entry.first.IsScalar()) return problem_at(entry.first, "a key must be a word");
      const std::string name = section.empty() ? entry.first.Scalar() : section + "." + entry.first.Scalar();
      if (!keys.insert(name).second) {
        return problem_at(entry.first, fmt::format("'{}' stands here a second time: remove one of them", name));
      }
      if (auto done =
              is_section(name) ? read_section(entry.first, entry.second, name) : read_setting(entry.first, entry.second, name);
          !done) {
        return done;
      }
    }
    return {};
  }

 private:
  std::string place_of(const YAML::Node& node) const { return fmt::format("{}:{}", path_, node.Mark().line + 1); }

  Error problem_at(const YAML::Node& node, const std::string& problem) const {
    return Error::fatal(place_of(node) + ": " + problem);
  }

  bool is_section(const std::string& name) const {
    return std::ranges::any_of(settings_, [&](const Setting& s) { return s.name.starts_with(name + "."); });
  }

  Result<void> read_section(const YAML::Node& key, const YAML::Node& node, const std::string& name) {
    if (node.IsNull()) return {};
    if (!node.IsMap()) return problem_at(key, fmt::format("'{}' must be a section of keys and values", name));
    return read(node, name);
  }

  Result<void> read_setting(const YAML::Node& key, const YAML::Node& node, const std::string& name) {
    const auto setting = std::ranges::find(settings_, name, &Setting::name);
    if (setting == settings_.end()) return problem_at(key, unknown(name));
    const bool list = is_list(setting->value);
    std::vector<std::string> texts;
    if (node.IsScalar() && !list) {
      texts.push_back(node.Scalar());
    } else if (node.IsSequence() && list) {
      for (const auto& item : node) {
        if (!item.IsScalar()) return problem_at(key, fmt::format("each item of '{}' must be a single value", name));
        texts.push_back(item.Scalar());
      }
    } else {
      return problem_at(key, fmt::format("'{}' must be {} ({})", name, list ? "a list" : "a single value", setting->help));
    }
    setting->origin = place_of(key);
    if (const auto problem = assign(setting->value, texts)) {
      return problem_at(key, fmt::format("'{}' {} ({})", name, *problem, setting->help));
    }
    return {};
  }

  std::string unknown(const std::string& name) const {
    const std::string section = name.substr(0, name.rfind('.') + 1);
    std::string known;
    for (const Setting& setting : settings_) {
      if (!section.empty() && !setting.name.starts_with(section)) continue;
      known += (known.empty() ? "" : ", ") + setting.name;
    }
    return fmt::format("'{}' is no setting: remove or correct it (there are {})", name, known);
  }

  std::vector<Setting>& settings_;
  const std::string& path_;
};

void SettingFields::add(std::string name, std::string help, bool required, SettingValue value) {
  CHECK(!names_a_secret(name));
  CHECK(std::ranges::find(settings_, name, &Setting::name) == settings_.end());
  Setting setting{std::move(name), std::move(help), required, std::move(value), {}, {}};
  if (!required) {
    setting.default_text = text_of(setting.value);
    CHECK(is_list(setting.value) || !assign(setting.value, {setting.default_text}));
  }
  settings_.push_back(std::move(setting));
}

void SettingFields::required(std::string name, std::string& field, std::string help) {
  add(std::move(name), std::move(help), /*required=*/true, TextValue{&field, /*may_be_empty=*/false, {}, {}});
}

void SettingFields::optional(std::string name, std::string& field, std::string help) {
  add(std::move(name), std::move(help), /*required=*/false, TextValue{&field, /*may_be_empty=*/field.empty(), {}, {}});
}

void SettingFields::optional(std::string name, std::string& field, TextRule rule, std::string help) {
  add(std::move(name), std::move(help), /*required=*/false, TextValue{&field, /*may_be_empty=*/false, rule, {}});
}

void SettingFields::choice(std::string name, std::string& field, std::vector<std::string> choices, std::string help) {
  add(std::move(name), std::move(help), /*required=*/false, TextValue{&field, /*may_be_empty=*/false, {}, std::move(choices)});
}

void SettingFields::required(std::string name, std::vector<std::string>& field, std::string help) {
  add(std::move(name), std::move(help), /*required=*/true, ListValue{&field, /*may_be_empty=*/false});
}

void SettingFields::optional(std::string name, std::vector<std::string>& field, std::string help) {
  add(std::move(name), std::move(help), /*required=*/false, ListValue{&field, /*may_be_empty=*/field.empty()});
}

void SettingFields::optional(std::string name, bool& field, std::string help) {
  add(std::move(name), std::move(help), /*required=*/false, FlagValue{&field});
}

Result<void> SettingFields::load(const std::string& path) {
  for (Setting& setting : settings_) setting.origin.clear();
  const Result<std::string> yaml = read_file(path, kSettingsBytesMax);
  if (!yaml) return yaml.error();
  const Result<std::size_t> documents = count_yaml_documents(*yaml, path);
  if (!documents) return documents.error();
  if (*documents > 1) return Error::fatal(path + ": must be one YAML document, not several with '---' between them");
  try {
    const YAML::Node document = YAML::Load(*yaml);
    if (!document.IsMap() && !document.IsNull()) return Error::fatal(path + ":1: must hold sections of keys and values");
    if (auto done = Reader(settings_, path).read(document, ""); !done) return done;
  } catch (const YAML::Exception& wrong) {
    return Error::fatal(fmt::format("{}:{}: is no YAML: {}", path, wrong.mark.line + 1, wrong.msg));
  }
  return take_variables(path);
}

Result<void> SettingFields::take_variables(const std::string& path) {
  for (Setting& setting : settings_) {
    const std::string variable = variable_of(setting.name);
    if (const char* text = std::getenv(variable.c_str())) {
      setting.origin = "environment variable " + variable;
      const auto texts = is_list(setting.value) ? split_at_commas(text) : std::vector<std::string>{text};
      if (const auto problem = assign(setting.value, texts)) {
        return Error::fatal(fmt::format("{} {} ({})", setting.origin, *problem, setting.help));
      }
    }
    if (!setting.origin.empty()) continue;
    if (setting.required) {
      return Error::fatal(
          fmt::format("{}: '{}' is missing: add it, or set {} ({})", path, setting.name, variable, setting.help));
    }
    setting.origin = "default";
  }
  return {};
}

std::vector<std::string> SettingFields::unknown_variables() const {
  std::vector<std::string> unknown;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view whole(*entry);
    std::string variable(whole.substr(0, whole.find('=')));
    if (!variable.starts_with(kVariablePrefix)) continue;
    if (std::ranges::any_of(settings_, [&](const Setting& s) { return variable_of(s.name) == variable; })) continue;
    unknown.push_back(std::move(variable));
  }
  std::ranges::sort(unknown);
  return unknown;
}

Result<std::string> read_secret_file(const std::string& path) {
  Result<std::string> content = read_file(path, kSecretBytesMax);
  if (!content) return content;
  std::string& secret = *content;
  while (!secret.empty() && (secret.back() == '\n' || secret.back() == '\r')) secret.pop_back();
  if (secret.empty()) return Error::fatal(fmt::format("{}: is empty, and should hold a secret", path));
  return content;
}

}  // namespace sluice
