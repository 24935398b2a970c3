#include "runtime/moment.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

namespace sluice {
namespace {

constexpr std::int64_t kSecond = 1'000;
constexpr std::int64_t kMinute = 60 * kSecond;
constexpr std::int64_t kHour = 60 * kMinute;
constexpr std::int64_t kDay = 24 * kHour;

struct Unit {
  std::string_view name;
  std::int64_t millis;
};
constexpr std::array<Unit, 5> kUnits = {{{"d", kDay}, {"h", kHour}, {"m", kMinute}, {"s", kSecond}, {"ms", 1}}};
constexpr std::int64_t kSpanMax = 36'500 * kDay;

// Takes a leading "5s" off `text`. Nothing: it does not start with a number and a unit below the ones before `unit`.
std::optional<std::int64_t> take_part(std::string_view& text, std::size_t& unit) {
  std::int64_t count = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (failure != std::errc() || count < 0) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  const std::string_view name = text.substr(0, text.find_first_of("0123456789"));
  text.remove_prefix(name.size());
  while (unit < kUnits.size() && kUnits[unit].name != name) ++unit;
  if (unit == kUnits.size() || count > kSpanMax / kUnits[unit].millis) return std::nullopt;
  return count * kUnits[unit++].millis;
}

std::optional<std::int64_t> parse_span(std::string_view text) {
  if (text.empty()) return std::nullopt;
  std::int64_t span = 0;
  for (std::size_t unit = 0; !text.empty();) {
    const auto part = take_part(text, unit);
    if (!part) return std::nullopt;
    span += *part;
  }
  return span;
}

// Takes exactly `digits` digits off `text`.
std::optional<int> take_number(std::string_view& text, std::size_t digits) {
  const std::string_view part = text.substr(0, digits);
  if (part.size() != digits || part.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  text.remove_prefix(digits);
  int number = 0;
  std::from_chars(part.data(), part.data() + part.size(), number);
  return number;
}

bool take(std::string_view& text, char expected) {
  if (!text.starts_with(expected)) return false;
  text.remove_prefix(1);
  return true;
}

// "HH:MM" in milliseconds.
std::optional<std::int64_t> take_hours_and_minutes(std::string_view& text) {
  const auto hours = take_number(text, 2);
  if (!hours || *hours > 23 || !take(text, ':')) return std::nullopt;
  const auto minutes = take_number(text, 2);
  if (!minutes || *minutes > 59) return std::nullopt;
  return *hours * kHour + *minutes * kMinute;
}

// ":SS" and perhaps ".fraction", of which all beyond milliseconds is cut.
std::optional<std::int64_t> take_seconds(std::string_view& text) {
  if (!take(text, ':')) return std::nullopt;
  const auto seconds = take_number(text, 2);
  if (!seconds || *seconds > 59) return std::nullopt;
  std::int64_t millis = *seconds * kSecond;
  if (!take(text, '.')) return millis;
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  if (digits == 0) return std::nullopt;
  std::int64_t unit = kSecond / 10;
  for (std::size_t i = 0; i < digits; ++i, unit /= 10) millis += unit * (text[i] - '0');
  text.remove_prefix(digits);
  return millis;
}

// "Z" or "+HH:MM": how far the local time is ahead of UTC.
std::optional<std::int64_t> take_zone(std::string_view& text) {
  if (take(text, 'Z')) return 0;
  const bool is_behind = text.starts_with('-');
  if (!take(text, '+') && !take(text, '-')) return std::nullopt;
  const auto ahead = take_hours_and_minutes(text);
  return ahead && is_behind ? std::optional(-*ahead) : ahead;
}

}  // namespace

std::optional<std::int64_t> parse_rfc3339(std::string_view text) {
  const auto year = take_number(text, 4);
  if (!year || !take(text, '-')) return std::nullopt;
  const auto month = take_number(text, 2);
  if (!month || !take(text, '-')) return std::nullopt;
  const auto day = take_number(text, 2);
  if (!day || !take(text, 'T')) return std::nullopt;
  const auto date = std::chrono::year(*year) / *month / *day;
  const auto minutes = take_hours_and_minutes(text);
  const auto seconds = minutes ? take_seconds(text) : std::nullopt;
  const auto ahead = seconds ? take_zone(text) : std::nullopt;
  if (!date.ok() || !ahead || !text.empty()) return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch().count() * kDay + *minutes + *seconds - *ahead;
}

std::optional<std::int64_t> parse_moment(std::string_view text, std::int64_t now) {
  if (!text.starts_with('+')) return parse_rfc3339(text);
  const auto span = parse_span(text.substr(1));
  return span ? std::optional(now + *span) : std::nullopt;
}

}  // namespace sluice
