#include "kafka/topic_check.h"

#include <fmt/format.h>

#include <charconv>

namespace sluice::kafka {
namespace {

std::optional<long long> number(std::string_view text) {
  long long value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool satisfies(const TopicSetting& required, const std::string& value) {
  if (required.must == TopicSetting::Must::kEqual) return value == required.value;
  const auto have = number(value);
  return have.has_value() && (*have == -1 || *have >= number(required.value).value());
}

}  // namespace

std::optional<std::string> problem_with_settings(const std::string& topic, const std::map<std::string, std::string>& settings,
                                                 std::span<const TopicSetting> required) {
  for (const TopicSetting& setting : required) {
    if (setting.topic != topic) continue;
    const auto found = settings.find(std::string(setting.name));
    const std::string value = found != settings.end() ? found->second : "(nothing)";
    if (satisfies(setting, value)) continue;
    return fmt::format(
        "topic {0} has {1}={2}, but must have {3}{4} ({5}). Set it: kafka-configs.sh --alter --entity-type topics "
        "--entity-name {0} --add-config {1}={4}",
        topic, setting.name, value, setting.must == TopicSetting::Must::kAtLeast ? "at least " : "", setting.value,
        setting.why);
  }
  return std::nullopt;
}

std::map<std::string, std::string> settings_to_create(const std::string& topic, std::span<const TopicSetting> required) {
  std::map<std::string, std::string> settings;
  for (const TopicSetting& setting : required) {
    if (setting.topic == topic) settings.emplace(setting.name, setting.value);
  }
  return settings;
}

}  // namespace sluice::kafka
