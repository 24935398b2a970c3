// Pure: how answers are written as JSON.
#pragma once

#include <string>
#include <string_view>

#include "schemas/ids.h"

namespace sluice {

// Appends `text`, quoted and escaped. Bytes that are no UTF-8 become U+FFFD, so that an answer is always valid JSON.
void append_json_string(std::string& out, std::string_view text);

// RFC 3339 in UTC with milliseconds: 2026-11-22T18:00:00.000Z.
std::string rfc3339(UnixMillis time);

}  // namespace sluice
