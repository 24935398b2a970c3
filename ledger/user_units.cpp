#include "ledger/user_units.h"

namespace sluice {

std::optional<std::uint32_t> UserUnits::find(const HashedKey& user) const {
  return index_.find(user.hash, [&](std::uint32_t number) { return at(number).user == user.key; });
}

std::uint32_t UserUnits::of(const HashedKey& user) const {
  const auto found = find(user);
  return found ? at(*found).units : 0;
}

void UserUnits::add(const HashedKey& user, std::uint32_t units) {
  if (const auto found = find(user)) {
    at(*found).units += units;
    return;
  }
  if (size_ == chunks_.size() * kChunk) chunks_.push_back(std::make_unique_for_overwrite<Entry[]>(kChunk));
  at(size_) = {user.key, units};
  index_.insert(user.hash, size_++);
}

void UserUnits::remove(const HashedKey& user, std::uint32_t units) {
  const auto found = find(user);
  CHECK(found && at(*found).units >= units);
  at(*found).units -= units;
  if (at(*found).units > 0) return;
  index_.erase(user.hash, *found);
  const std::uint32_t last = --size_;
  if (*found != last) {  // the last one takes its place
    const HashedKey moved = at(last).user;
    at(*found) = at(last);
    index_.renumber(moved.hash, last, *found);
  }
  // One empty chunk stays: a user who comes and goes would have it made again and again.
  while (size_ + 2 * kChunk <= chunks_.size() * kChunk) chunks_.pop_back();
}

bool UserUnits::operator==(const UserUnits& other) const {
  if (size_ != other.size_) return false;
  for (std::uint32_t number = 0; number < size_; ++number) {
    if (other.of(at(number).user) != at(number).units) return false;
  }
  return true;
}

}  // namespace sluice
