// Pure: the numbers that name things across processes: partitions, offsets, positions and tickets.
#pragma once

#include <compare>
#include <cstdint>

namespace sluice {

// Offset of an intent in its partition, from 0. 44 bits.
using Offset = std::int64_t;

// Unix time in milliseconds. Log time, append times, deadlines and slot edges are of this type.
using UnixMillis = std::int64_t;

inline constexpr int kOffsetBits = 44;
inline constexpr int kPositionBits = 52;
inline constexpr Offset kOffsetMax = (Offset{1} << kOffsetBits) - 1;
inline constexpr int kPartitionMax = (1 << 12) - 1;
inline constexpr int kGenerationMax = (1 << 8) - 1;

// Partition of `intents` and `orders`, 0..4095.
struct Partition {
  std::int32_t value = 0;
  auto operator<=>(const Partition&) const = default;
};

// Chosen when the topics are created, raised when they are created again; 1..255.
struct Generation {
  std::int32_t value = 1;
  auto operator<=>(const Generation&) const = default;
};

// The version number of everything that is derived from one partition: generation (8 bits) | intent offset (44 bits). Exact in
// a double, so Lua and JSON can compare it. REQUIRES: 0 <= offset <= kOffsetMax.
struct Position {
  std::uint64_t value = 0;

  static constexpr Position at(Generation generation, Offset offset) {
    return {static_cast<std::uint64_t>(generation.value) << kOffsetBits | static_cast<std::uint64_t>(offset)};
  }
  constexpr Offset offset() const { return static_cast<Offset>(value & static_cast<std::uint64_t>(kOffsetMax)); }
  constexpr Generation generation() const { return {static_cast<std::int32_t>(value >> kOffsetBits)}; }
  auto operator<=>(const Position&) const = default;
};

// Names an intent, and the order that it may have become: partition (12 bits) | position (52 bits). Never 0, since generations
// start at 1.
struct Ticket {
  std::uint64_t value = 0;

  static constexpr Ticket of(Partition partition, Position position) {
    return {static_cast<std::uint64_t>(partition.value) << kPositionBits | position.value};
  }
  constexpr Partition partition() const { return {static_cast<std::int32_t>(value >> kPositionBits)}; }
  constexpr Position position() const { return {value & ((std::uint64_t{1} << kPositionBits) - 1)}; }
  auto operator<=>(const Ticket&) const = default;
};

}  // namespace sluice
