// Pure: points in time as people write them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace sluice {

// Unix milliseconds of an RFC 3339 time: "2026-12-24T06:00:00Z", "2026-12-24T07:00:00.500+01:00". What is finer than a
// millisecond is cut. Nothing: `text` is none.
std::optional<std::int64_t> parse_rfc3339(std::string_view text);

// The same, or a span after `now`: "+" and pairs of a whole number and a unit ms, s, m, h or d, from the largest to the
// smallest
// ("+5s", "+1h30m"). Nothing: `text` is neither.
std::optional<std::int64_t> parse_moment(std::string_view text, std::int64_t now);

}  // namespace sluice
