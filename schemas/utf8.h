// Pure: which bytes are text. Protobuf takes nothing else in a string, so what is not UTF-8 has to be refused before it is
// written.
#pragma once

#include <cstddef>
#include <string_view>

namespace sluice {

// Length of the well-formed UTF-8 character at the front of `text` (RFC 3629, table in section 4), or 0. REQUIRES: not empty.
std::size_t utf8_character_bytes(std::string_view text);

bool is_utf8(std::string_view text);

bool is_ascii(std::string_view text);

}  // namespace sluice
