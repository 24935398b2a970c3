#include "ledger/fingerprint_index.h"

#include <utility>

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

// All of the new memory is written to at once. Where it was read first, as the page of zeros that all processes share, each
// page was had twice from the kernel, and the second time the other processors were told: a tenth of a decision's time.
void FingerprintIndex::grow(std::size_t capacity) {
  constexpr std::size_t kCapacityMax = std::size_t{1} << 32;
  CHECK(capacity <= kCapacityMax);
  const std::vector<std::uint64_t> old = std::exchange(slots_, std::vector<std::uint64_t>(capacity, kEmpty));
  capacity_ = capacity;
  for (const std::uint64_t slot : old) {
    if (slot != kEmpty) place(slot);
  }
}

}  // namespace sluice
