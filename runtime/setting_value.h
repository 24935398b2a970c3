// Pure: the value of one setting: the field that holds it, what it may be, and how it reads as text.
#pragma once

#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "runtime/check.h"

namespace sluice {

// Both inclusive.
struct Range {
  std::int64_t least = std::numeric_limits<std::int64_t>::min();
  std::int64_t most = std::numeric_limits<std::int64_t>::max();
};

template <typename T>
concept WholeNumber = std::integral<T> && !std::same_as<T, bool>;

// What a text may be besides any. "an IP address" → "must be an IP address, not 'localhost'".
struct TextRule {
  const char* must_be;
  bool (*accepts)(const std::string& text);
};

struct NumberValue {
  void* field;
  std::int64_t (*read)(const void* field);
  void (*write)(void* field, std::int64_t number);
  Range range;
};
struct FlagValue {
  bool* field;
};
struct TextValue {
  std::string* field;
  bool may_be_empty;
  std::optional<TextRule> rule;
  std::vector<std::string> choices;  // none: any
};
struct ListValue {
  std::vector<std::string>* field;
  bool may_be_empty;
};
// Borrows the field.
using SettingValue = std::variant<NumberValue, FlagValue, TextValue, ListValue>;

template <WholeNumber T>
SettingValue number_value(T& field, Range range) {
  CHECK(std::in_range<T>(range.least) && std::in_range<T>(range.most));
  return NumberValue{&field, [](const void* from) { return static_cast<std::int64_t>(*static_cast<const T*>(from)); },
                     [](void* into, std::int64_t number) { *static_cast<T*>(into) = static_cast<T>(number); }, range};
}

inline bool is_list(const SettingValue& value) { return std::holds_alternative<ListValue>(value); }

// Puts it into the field, or says what it must be ("must be a whole number from 1 to 4096, not 'many'"). One text, unless it is
// a list.
std::optional<std::string> assign(const SettingValue& value, const std::vector<std::string>& texts);

// What the field holds now: `8`, `true`, `127.0.0.1`, `[a, b]`; an empty text is empty.
std::string text_of(const SettingValue& value);

std::string type_of(const SettingValue& value);
// Empty: anything of the type.
std::string bounds_of(const SettingValue& value);

}  // namespace sluice
