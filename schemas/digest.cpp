#include "schemas/digest.h"

#include <xxhash.h>

#include <array>

namespace sluice {

std::uint64_t next_digest(std::uint64_t previous, Offset offset, UnixMillis log_time, std::string_view ruling) {
  const std::array<std::uint64_t, 3> words = {static_cast<std::uint64_t>(offset), static_cast<std::uint64_t>(log_time),
                                              XXH3_64bits(ruling.data(), ruling.size())};
  std::array<unsigned char, sizeof words> bytes;
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<unsigned char>(words[i / 8] >> (8 * (i % 8)));
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), previous);
}

}  // namespace sluice
