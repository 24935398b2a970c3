#include "ledger/fingerprint_index.h"

#include <algorithm>

namespace sluice {

// What comes after the hole moves up if it may, so that no search ends too early and nothing has to be marked as deleted.
void FingerprintIndex::erase(std::uint32_t hash, std::uint32_t number) {
  std::size_t hole = place_of(hash, number);
  const auto steps_from = [this](std::size_t from, std::size_t to) { return (to - from) & (capacity_ - 1); };
  for (std::size_t i = next(hole); slots_[i] != kEmpty; i = next(i)) {
    if (steps_from(home_of(hash_of(slots_[i])), i) < steps_from(hole, i)) continue;  // it would lie before its home
    slots_[hole] = slots_[i];
    hole = i;
  }
  slots_[hole] = kEmpty;
  --size_;
}

std::size_t FingerprintIndex::place_of(std::uint32_t hash, std::uint32_t number) const {
  CHECK(size_ > 0);
  std::size_t i = home_of(hash);
  while (slots_[i] != slot_of(hash, number)) {
    CHECK(slots_[i] != kEmpty);
    i = next(i);
  }
  return i;
}

// From calloc, since memory that is never written to is then never taken from the machine.
void FingerprintIndex::grow(std::size_t capacity) {
  constexpr std::size_t kCapacityMax = std::size_t{1} << 32;
  CHECK(capacity <= kCapacityMax);
  std::unique_ptr<std::uint64_t[], Free> old(static_cast<std::uint64_t*>(std::calloc(capacity, sizeof(std::uint64_t))));
  CHECK(old != nullptr);
  std::swap(old, slots_);
  const std::size_t old_capacity = std::exchange(capacity_, capacity);
  for (std::size_t i = 0; i < old_capacity; ++i) {
    if (old[i] != kEmpty) place(old[i]);
  }
}

}  // namespace sluice
