// Pure: how many units each user of a sale holds or has bought: what the limit per user is compared with.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "ledger/fingerprint_index.h"

namespace sluice {

class UserUnits {
 public:
  // 0 if there is no such user.
  std::uint32_t of(const HashedKey& user) const;
  void add(const HashedKey& user, std::uint32_t units);
  // REQUIRES: the user has as many.
  void remove(const HashedKey& user, std::uint32_t units);

  void prefetch(const HashedKey& user) const { index_.prefetch(user.hash); }
  void reserve(std::size_t users) { index_.reserve(users); }
  std::size_t size() const { return size_; }

  // The same users with the same units, in whatever order they came.
  bool operator==(const UserUnits& other) const;

 private:
  struct Entry {
    Fingerprint user;
    std::uint32_t units;
  };
  static constexpr std::uint32_t kChunk = 1024;  // entries; a chunk never moves

  Entry& at(std::uint32_t number) const { return chunks_[number / kChunk][number % kChunk]; }
  std::optional<std::uint32_t> find(const HashedKey& user) const;

  FingerprintIndex index_;
  std::vector<std::unique_ptr<Entry[]>> chunks_;
  std::uint32_t size_ = 0;
};

}  // namespace sluice
