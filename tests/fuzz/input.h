// Pure: the bytes that libFuzzer chose, taken from the front; what is asked for beyond their end is zero.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sluice::fuzz {

class Input {
 public:
  Input(const std::uint8_t* bytes, std::size_t size) : rest_(reinterpret_cast<const char*>(bytes), size) {}

  bool is_empty() const { return rest_.empty(); }

  std::uint8_t byte() {
    const std::string_view one = bytes(1);
    return one.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(one.front());
  }

  // 0 .. count-1. REQUIRES: 0 < count <= 256.
  unsigned below(unsigned count) { return byte() % count; }

  bool flag() { return (byte() & 1) != 0; }

  // Fewer at the end.
  std::string_view bytes(std::size_t count) {
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(taken.size());
    return taken;
  }

  // Up to a zero byte, which is dropped, or all.
  std::string_view piece() {
    const std::string_view taken = bytes(std::min(rest_.find('\0'), rest_.size()));
    bytes(1);
    return taken;
  }

  std::string_view rest() { return bytes(rest_.size()); }

 private:
  std::string_view rest_;
};

}  // namespace sluice::fuzz
