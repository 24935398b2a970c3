#include "ctl/moment.h"

#include <absl/time/time.h>

#include <array>
#include <charconv>
#include <string>

namespace sluice {
namespace {

struct Unit {
  std::string_view name;
  UnixMillis millis;
};
constexpr std::array<Unit, 5> kUnits = {{{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};
constexpr UnixMillis kSpanMax = 100 * 365 * kUnits[0].millis;

// Takes a leading "5s" off `text`. Nothing: it does not start with a number and a unit below the ones before `unit`.
std::optional<UnixMillis> take_part(std::string_view& text, std::size_t& unit) {
  UnixMillis count = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (failure != std::errc() || count < 0) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  const std::string_view name = text.substr(0, text.find_first_of("0123456789"));
  text.remove_prefix(name.size());
  while (unit < kUnits.size() && kUnits[unit].name != name) ++unit;
  if (unit == kUnits.size() || count > kSpanMax / kUnits[unit].millis) return std::nullopt;
  return count * kUnits[unit++].millis;
}

std::optional<UnixMillis> parse_span(std::string_view text) {
  if (text.empty()) return std::nullopt;
  UnixMillis span = 0;
  for (std::size_t unit = 0; !text.empty();) {
    const auto part = take_part(text, unit);
    if (!part) return std::nullopt;
    span += *part;
  }
  return span;
}

}  // namespace

std::optional<UnixMillis> parse_moment(std::string_view text, UnixMillis now) {
  if (text.starts_with('+')) {
    const auto span = parse_span(text.substr(1));
    return span ? std::optional(now + *span) : std::nullopt;
  }
  absl::Time time;
  std::string problem;
  // The library takes more than RFC 3339, e.g. "infinite-future"; only what starts with a year is one.
  if (text.empty() || text.front() < '0' || text.front() > '9') return std::nullopt;
  if (!absl::ParseTime(absl::RFC3339_full, absl::string_view(text.data(), text.size()), &time, &problem)) return std::nullopt;
  return absl::ToUnixMillis(time);
}

}  // namespace sluice
