#include "runtime/setting_value.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

namespace sluice {
namespace {

using Problem = std::optional<std::string>;
using Texts = std::vector<std::string>;

Problem put(const NumberValue& value, const Texts& texts) {
  const std::string& text = texts.front();
  const char* const end = text.data() + text.size();
  std::int64_t number = 0;
  const auto [stopped_at, failure] = std::from_chars(text.data(), end, number);
  const bool fits = value.range.least <= number && number <= value.range.most;
  if (failure != std::errc() || stopped_at != end || !fits) {
    return fmt::format("must be a whole number from {} to {}, not '{}'", value.range.least, value.range.most, text);
  }
  value.write(value.field, number);
  return std::nullopt;
}

Problem put(const FlagValue& value, const Texts& texts) {
  if (texts.front() != "true" && texts.front() != "false") return fmt::format("must be true or false, not '{}'", texts.front());
  *value.field = texts.front() == "true";
  return std::nullopt;
}

Problem put(const TextValue& value, const Texts& texts) {
  const std::string& text = texts.front();
  if (text.empty() && !value.may_be_empty) return "must not be empty";
  if (!value.choices.empty() && std::ranges::find(value.choices, text) == value.choices.end()) {
    return fmt::format("must be one of {}, not '{}'", fmt::join(value.choices, ", "), text);
  }
  if (value.rule && !value.rule->accepts(text)) return fmt::format("must be {}, not '{}'", value.rule->must_be, text);
  *value.field = text;
  return std::nullopt;
}

Problem put(const ListValue& value, const Texts& texts) {
  if (texts.empty() && !value.may_be_empty) return "must have at least one item";
  if (std::ranges::any_of(texts, &std::string::empty)) return "must not have an empty item";
  *value.field = texts;
  return std::nullopt;
}

std::string text_in(const NumberValue& value) { return std::to_string(value.read(value.field)); }
std::string text_in(const FlagValue& value) { return *value.field ? "true" : "false"; }
std::string text_in(const TextValue& value) { return *value.field; }
std::string text_in(const ListValue& value) { return fmt::format("[{}]", fmt::join(*value.field, ", ")); }

std::string type_name(const NumberValue&) { return "whole number"; }
std::string type_name(const FlagValue&) { return "true or false"; }
std::string type_name(const TextValue&) { return "text"; }
std::string type_name(const ListValue&) { return "list of texts"; }

std::string bounds_text(const NumberValue& value) { return fmt::format("{} to {}", value.range.least, value.range.most); }
std::string bounds_text(const FlagValue&) { return {}; }
std::string bounds_text(const TextValue& value) {
  if (!value.choices.empty()) return fmt::format("{}", fmt::join(value.choices, ", "));
  if (value.rule) return value.rule->must_be;
  return value.may_be_empty ? "" : "not empty";
}
std::string bounds_text(const ListValue& value) { return value.may_be_empty ? "" : "at least one"; }

}  // namespace

std::optional<std::string> assign(const SettingValue& value, const std::vector<std::string>& texts) {
  CHECK(is_list(value) || texts.size() == 1);
  return std::visit([&](const auto& kind) { return put(kind, texts); }, value);
}

std::string text_of(const SettingValue& value) {
  return std::visit([](const auto& kind) { return text_in(kind); }, value);
}

std::string type_of(const SettingValue& value) {
  return std::visit([](const auto& kind) { return type_name(kind); }, value);
}

std::string bounds_of(const SettingValue& value) {
  return std::visit([](const auto& kind) { return bounds_text(kind); }, value);
}

}  // namespace sluice
