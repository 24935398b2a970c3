#include "runtime/settings.h"

#include <fmt/core.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <fstream>

namespace sluice {
namespace {

constexpr std::size_t kSettingsBytesMax = 1024 * 1024;
constexpr std::size_t kSecretBytesMax = 64 * 1024;

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
  std::string variable = "SLUICE_";
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

// Walks one YAML document and gives each scalar or list to the field of its name.
class SettingFields::Reader {
 public:
  Reader(std::vector<Field>& fields, const std::string& path) : fields_(fields), path_(path) {}

  Result<void> read(const YAML::Node& map, const std::string& section) {
    for (const auto& entry : map) {
      if (!entry.first.IsScalar()) return problem_at(entry.first, "a key must be a word");
      const std::string name = section.empty() ? entry.first.Scalar() : section + "." + entry.first.Scalar();
      if (auto done = is_section(name) ? read_section(entry.second, name) : read_field(entry.first, entry.second, name);
          !done) {
        return done;
      }
    }
    return {};
  }

 private:
  Error problem_at(const YAML::Node& node, const std::string& problem) const {
    return Error::fatal(fmt::format("{}:{}: {}", path_, node.Mark().line + 1, problem));
  }

  bool is_section(const std::string& name) const {
    return std::any_of(fields_.begin(), fields_.end(), [&](const Field& f) { return f.name.starts_with(name + "."); });
  }

  Result<void> read_section(const YAML::Node& node, const std::string& name) {
    if (node.IsNull()) return {};
    if (!node.IsMap()) return problem_at(node, fmt::format("'{}' must be a section of keys and values", name));
    return read(node, name);
  }

  Result<void> read_field(const YAML::Node& key, const YAML::Node& node, const std::string& name) {
    const auto field = std::find_if(fields_.begin(), fields_.end(), [&](const Field& f) { return f.name == name; });
    if (field == fields_.end()) return problem_at(key, unknown(name));
    if (field->given) return problem_at(key, fmt::format("'{}' stands here a second time: remove one of them", name));
    Texts texts;
    if (node.IsScalar() && !field->list) {
      texts.push_back(node.Scalar());
    } else if (node.IsSequence() && field->list) {
      for (const auto& item : node) {
        if (!item.IsScalar()) return problem_at(item, fmt::format("each item of '{}' must be a single value", name));
        texts.push_back(item.Scalar());
      }
    } else {
      return problem_at(key, fmt::format("'{}' must be {} ({})", name, field->list ? "a list" : "a single value", field->help));
    }
    field->given = true;
    if (const auto problem = field->assign(texts)) {
      return problem_at(key, fmt::format("'{}' {} ({})", name, *problem, field->help));
    }
    return {};
  }

  std::string unknown(const std::string& name) const {
    const std::string section = name.substr(0, name.rfind('.') + 1);
    std::string known;
    for (const Field& field : fields_) {
      if (!section.empty() && !field.name.starts_with(section)) continue;
      known += (known.empty() ? "" : ", ") + field.name;
    }
    return fmt::format("'{}' is no setting: remove or correct it (there are {})", name, known);
  }

  std::vector<Field>& fields_;
  const std::string& path_;
};

void SettingFields::add(Field field) {
  CHECK(!names_a_secret(field.name));
  CHECK(std::none_of(fields_.begin(), fields_.end(), [&](const Field& f) { return f.name == field.name; }));
  fields_.push_back(std::move(field));
}

void SettingFields::required(std::string name, std::string& field, std::string help) {
  add({std::move(name), std::move(help), /*required=*/true, /*list=*/false, [&field](const Texts& texts) {
         field = texts.front();
         return field.empty() ? std::optional<std::string>("must not be empty") : std::nullopt;
       }});
}

void SettingFields::optional(std::string name, std::string& field, std::string help) {
  add({std::move(name), std::move(help), /*required=*/false, /*list=*/false, [&field](const Texts& texts) {
         field = texts.front();
         return std::optional<std::string>();
       }});
}

void SettingFields::required(std::string name, std::vector<std::string>& field, std::string help) {
  add({std::move(name), std::move(help), /*required=*/true, /*list=*/true, [&field](const Texts& texts) {
         field = texts;
         return field.empty() ? std::optional<std::string>("must have at least one item") : std::nullopt;
       }});
}

void SettingFields::optional(std::string name, std::vector<std::string>& field, std::string help) {
  add({std::move(name), std::move(help), /*required=*/false, /*list=*/true, [&field](const Texts& texts) {
         field = texts;
         return std::optional<std::string>();
       }});
}

void SettingFields::optional(std::string name, bool& field, std::string help) {
  add({std::move(name), std::move(help), /*required=*/false, /*list=*/false,
       [&field](const Texts& texts) -> std::optional<std::string> {
         if (texts.front() != "true" && texts.front() != "false") return "must be true or false";
         field = texts.front() == "true";
         return std::nullopt;
       }});
}

std::optional<std::string> SettingFields::parse_number(const std::string& text, Range range, std::int64_t& value) {
  const char* const end = text.data() + text.size();
  const auto [stopped_at, failure] = std::from_chars(text.data(), end, value);
  if (failure == std::errc() && stopped_at == end && range.least <= value && value <= range.most) return std::nullopt;
  return fmt::format("must be a whole number from {} to {}, not '{}'", range.least, range.most, text);
}

Result<void> SettingFields::load(const std::string& path) {
  for (Field& field : fields_) field.given = false;
  const Result<std::string> yaml = read_file(path, kSettingsBytesMax);
  if (!yaml) return yaml.error();
  try {
    const YAML::Node document = YAML::Load(*yaml);
    if (!document.IsMap() && !document.IsNull()) return Error::fatal(path + ":1: must hold sections of keys and values");
    if (auto done = Reader(fields_, path).read(document, ""); !done) return done;
  } catch (const YAML::Exception& wrong) {
    return Error::fatal(fmt::format("{}:{}: {}", path, wrong.mark.line + 1, wrong.msg));
  }
  for (Field& field : fields_) {
    const std::string variable = variable_of(field.name);
    if (const char* text = std::getenv(variable.c_str())) {
      field.given = true;
      if (const auto problem = field.assign(field.list ? split_at_commas(text) : Texts{text})) {
        return Error::fatal(fmt::format("environment variable {} {} ({})", variable, *problem, field.help));
      }
    }
    if (field.required && !field.given) {
      return Error::fatal(fmt::format("{}: '{}' is missing: add it ({})", path, field.name, field.help));
    }
  }
  return {};
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
