// Pure: finds entries by their fingerprint. The entries lie elsewhere, in the order in which they came, and are told by number;
// here are eight bytes for each: its number and 32 bits of its hash, enough to look at no entry in vain and to grow without
// looking at any. A look-up of what is not there, which is what nearly all are, costs one miss of the processor's caches.
#pragma once

#include <absl/hash/hash.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "runtime/check.h"
#include "schemas/fingerprint.h"

namespace sluice {

// A fingerprint with where to look for it. The hash differs from process to process (absl's is salted), so that nobody can
// choose users or keys that fall onto one place; nothing that the ledger says depends on it.
struct HashedKey {
  Fingerprint key;
  std::uint32_t hash = 0;

  HashedKey() = default;
  HashedKey(const Fingerprint& fingerprint)  // NOLINT(google-explicit-constructor): a key is a key
      : key(fingerprint), hash(static_cast<std::uint32_t>(absl::Hash<Fingerprint>()(fingerprint) >> 32)) {}
};

class FingerprintIndex {
 public:
  // `is_it(number)`: whether the entry with this number has the fingerprint that is looked for.
  template <typename IsIt>
  std::optional<std::uint32_t> find(std::uint32_t hash, IsIt is_it) const {
    if (size_ == 0) return std::nullopt;
    for (std::size_t i = home_of(hash);; i = next(i)) {
      const std::uint64_t slot = slots_[i];
      if (slot == kEmpty) return std::nullopt;
      if (hash_of(slot) == hash && is_it(number_of(slot))) return number_of(slot);
    }
  }

  // Has the memory that find(hash) reads fetched.
  void prefetch(std::uint32_t hash) const {
    if (capacity_ > 0) __builtin_prefetch(&slots_[home_of(hash)], 1);
  }

  // REQUIRES: there is no such entry yet.
  void insert(std::uint32_t hash, std::uint32_t number) {
    if (4 * (size_ + 1) > 3 * capacity_) grow(capacity_ == 0 ? kCapacityMin : 2 * capacity_);
    place(slot_of(hash, number));
    ++size_;
  }

  // REQUIRES: it is there; so, too, of the next.
  void erase(std::uint32_t hash, std::uint32_t number);
  // The entry is now told by another number.
  void renumber(std::uint32_t hash, std::uint32_t from, std::uint32_t to) { slots_[place_of(hash, from)] = slot_of(hash, to); }

  // Grows at once to what `entries` need. Growing reads and writes memory in order, a millisecond or two a million entries.
  void reserve(std::size_t entries) {
    std::size_t capacity = std::max(capacity_, kCapacityMin);
    while (4 * entries > 3 * capacity) capacity *= 2;
    if (capacity > capacity_) grow(capacity);
  }

  std::size_t size() const { return size_; }

 private:
  static constexpr std::uint64_t kEmpty = 0;
  static constexpr std::size_t kCapacityMin = 16;

  static std::uint64_t slot_of(std::uint32_t hash, std::uint32_t number) {
    return std::uint64_t{hash} << 32 | (std::uint64_t{number} + 1);
  }
  static std::uint32_t hash_of(std::uint64_t slot) { return static_cast<std::uint32_t>(slot >> 32); }
  static std::uint32_t number_of(std::uint64_t slot) { return static_cast<std::uint32_t>(slot) - 1; }

  // In the order of hashes, so that growing keeps what is together together.
  std::size_t home_of(std::uint32_t hash) const { return static_cast<std::size_t>((std::uint64_t{hash} * capacity_) >> 32); }
  std::size_t next(std::size_t i) const { return (i + 1) & (capacity_ - 1); }

  void place(std::uint64_t slot) {
    std::size_t i = home_of(hash_of(slot));
    while (slots_[i] != kEmpty) i = next(i);
    slots_[i] = slot;
  }
  std::size_t place_of(std::uint32_t hash, std::uint32_t number) const;
  void grow(std::size_t capacity);

  std::vector<std::uint64_t> slots_;  // probed one after another; a power of two, at most three quarters taken
  std::size_t capacity_ = 0;          // how many they are
  std::size_t size_ = 0;
};

}  // namespace sluice
