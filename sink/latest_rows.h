// Pure: rows of which only the latest of each key is kept. Every record carries a whole order, so of several changes of one
// order in a batch only the last has to be written.
#pragma once

#include <absl/container/flat_hash_map.h>

#include <cstddef>
#include <utility>
#include <vector>

namespace sluice {

// Keeps what it knows about its keys beside a vector of rows that it does not own, since that is read as it is.
template <typename Key, typename Row>
class LatestRows {
 public:
  // The row of `key` in `rows`; a new one at the end if there is none. REQUIRES: `rows` is changed by nobody else.
  Row& row_of(const Key& key, std::vector<Row>& rows) {
    const auto [place, is_new] = place_of_.try_emplace(key, rows.size());
    if (is_new) rows.emplace_back();
    return rows[place->second];
  }

  void clear() { place_of_.clear(); }

 private:
  absl::flat_hash_map<Key, std::size_t> place_of_;
};

}  // namespace sluice
