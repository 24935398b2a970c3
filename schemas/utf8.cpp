#include "schemas/utf8.h"

#include <cstdint>
#include <cstring>

namespace sluice {
namespace {

bool is_continuation(unsigned char byte) { return (byte & 0xC0) == 0x80; }

}  // namespace

std::size_t utf8_character_bytes(std::string_view text) {
  const auto at = [text](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const unsigned first = at(0);
  const unsigned second = at(1);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return is_continuation(static_cast<unsigned char>(second)) ? 2 : 0;
  const bool third = is_continuation(static_cast<unsigned char>(at(2)));
  if (first >= 0xE0 && first <= 0xEF) {
    const unsigned low = first == 0xE0 ? 0xA0 : 0x80;
    const unsigned high = first == 0xED ? 0x9F : 0xBF;  // 0xED 0xA0.. would be a surrogate
    return second >= low && second <= high && third ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const unsigned low = first == 0xF0 ? 0x90 : 0x80;
    const unsigned high = first == 0xF4 ? 0x8F : 0xBF;  // beyond is more than U+10FFFF
    return second >= low && second <= high && third && is_continuation(static_cast<unsigned char>(at(3))) ? 4 : 0;
  }
  return 0;
}

bool is_utf8(std::string_view text) {
  if (is_ascii(text)) return true;
  while (!text.empty()) {
    const std::size_t bytes = utf8_character_bytes(text);
    if (bytes == 0) return false;
    text.remove_prefix(bytes);
  }
  return true;
}

// Eight bytes at once: nearly all text here is, and every purchase is looked at.
bool is_ascii(std::string_view text) {
  constexpr std::uint64_t kHighBits = 0x8080808080808080;
  const auto word_at = [text](std::size_t i) {
    std::uint64_t word;
    std::memcpy(&word, text.data() + i, sizeof word);
    return word;
  };
  std::uint64_t seen = 0;
  if (text.size() < sizeof seen) {
    for (const char c : text) seen |= static_cast<unsigned char>(c);
    return (seen & kHighBits) == 0;
  }
  for (std::size_t i = 0; i + sizeof seen < text.size(); i += sizeof seen) seen |= word_at(i);
  seen |= word_at(text.size() - sizeof seen);  // the last ones again
  return (seen & kHighBits) == 0;
}

}  // namespace sluice
