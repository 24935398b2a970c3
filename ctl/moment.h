// Pure: points in time as people write them.
#pragma once

#include <optional>
#include <string_view>

#include "schemas/ids.h"

namespace sluice {

// Either RFC 3339 ("2026-12-24T06:00:00Z", "2026-12-24T07:00:00.500+01:00"), or a span after `now`: "+" and pairs of a whole
// number and a unit ms, s, m, h or d, from the largest to the smallest ("+5s", "+1h30m"). Nothing: `text` is neither.
std::optional<UnixMillis> parse_moment(std::string_view text, UnixMillis now);

}  // namespace sluice
