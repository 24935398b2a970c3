// Adapter (yaml-cpp): a daemon's settings. Its settings struct declares every field once, with name, place, bounds and meaning;
// the rest (reading, checking, what to say when it is wrong) is done here.
//
//   struct Settings { std::string brokers; std::int32_t partitions = 8; };
//   void declare(SettingFields& fields, Settings& settings) {
//     fields.required("kafka.brokers", settings.brokers, "host:port of some brokers, with commas between them");
//     fields.optional("topics.partitions", settings.partitions, {1, 4096}, "how many partitions each topic has");
//   }
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/check.h"
#include "runtime/result.h"

namespace sluice {

// Both inclusive.
struct Range {
  std::int64_t least = std::numeric_limits<std::int64_t>::min();
  std::int64_t most = std::numeric_limits<std::int64_t>::max();
};

template <typename T>
concept WholeNumber = std::integral<T> && !std::same_as<T, bool>;

// Names are `section.key` or `section.section.key`. Fields are borrowed until load() has returned.
// The value that the field has when it is declared is its default; a required field has none.
// The environment variable SLUICE_SECTION_KEY comes before the file (items of a list separated by commas).
// A secret is never a setting: name the file that holds it, with a key ending in _file, and read that with read_secret_file().
class SettingFields {
 public:
  void required(std::string name, std::string& field, std::string help);
  void optional(std::string name, std::string& field, std::string help);
  // At least one item.
  void required(std::string name, std::vector<std::string>& field, std::string help);
  void optional(std::string name, std::vector<std::string>& field, std::string help);
  void optional(std::string name, bool& field, std::string help);

  template <WholeNumber T>
  void required(std::string name, T& field, Range range, std::string help) {
    add({std::move(name), std::move(help), /*required=*/true, /*list=*/false, number_into(field, range)});
  }
  template <WholeNumber T>
  void optional(std::string name, T& field, Range range, std::string help) {
    CHECK(range.least <= static_cast<std::int64_t>(field) && static_cast<std::int64_t>(field) <= range.most);
    add({std::move(name), std::move(help), /*required=*/false, /*list=*/false, number_into(field, range)});
  }

  // Fills the fields from the YAML file at `path`. The error names file, line, key and remedy; the fields are then half filled.
  Result<void> load(const std::string& path);

 private:
  using Texts = std::vector<std::string>;
  // Takes the value, or says what it must be ("must be a whole number from 1 to 4096").
  using Assign = std::function<std::optional<std::string>(const Texts& texts)>;
  struct Field {
    std::string name;
    std::string help;
    bool required;
    bool list;
    Assign assign;
    bool given = false;
  };
  class Reader;

  void add(Field field);

  static std::optional<std::string> parse_number(const std::string& text, Range range, std::int64_t& value);

  template <WholeNumber T>
  static Assign number_into(T& field, Range range) {
    CHECK(std::in_range<T>(range.least) && std::in_range<T>(range.most));
    return [&field, range](const Texts& texts) {
      std::int64_t value = 0;
      auto problem = parse_number(texts.front(), range, value);
      if (!problem) field = static_cast<T>(value);
      return problem;
    };
  }

  std::vector<Field> fields_;
};

// The content of the file without the line break at its end. An empty or missing file is an error; the message never holds any
// of the content.
Result<std::string> read_secret_file(const std::string& path);

}  // namespace sluice
