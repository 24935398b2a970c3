// Pure: port to the local store of one partition: rows of bytes, written in atomic batches. What the rows mean is in
// store_rows.h.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/result.h"

namespace sluice {

struct RowWrites {
  std::vector<std::pair<std::string, std::string>> puts;  // key, value
  std::vector<std::string> deletes;
};

// Returns whether to go on. The views live as long as the call.
using RowVisit = std::function<bool(std::string_view key, std::string_view value)>;

// Safe to read from a second thread (the view's) while the lane writes.
class LedgerStore {
 public:
  virtual ~LedgerStore() = default;

  // Visits the rows with first <= key < end, in key order. An empty `end`: to the last row.
  virtual Result<void> scan_range(std::string_view first, std::string_view end, const RowVisit& visit) = 0;

  // Visits every row whose key starts with `prefix`. REQUIRES: it does not end in 0xff.
  Result<void> scan(std::string_view prefix, const RowVisit& visit) {
    std::string end(prefix);
    if (!end.empty()) ++end.back();
    return scan_range(prefix, end, visit);
  }

  // values[i] is the row of keys[i], or nothing.
  virtual Result<std::vector<std::optional<std::string>>> get(const std::vector<std::string>& keys) = 0;

  // Calls visit(i, key, value) with the last row at or before keys[i] that starts with the same character, where there is one.
  // REQUIRES: the keys ascend and none is empty.
  virtual Result<void> find_at_or_before(
      const std::vector<std::string>& keys,
      const std::function<void(std::size_t i, std::string_view key, std::string_view value)>& visit) = 0;

  // All or nothing, also over a crash of the process; in the order of the calls. It may return before it is done, so the error
  // of one write may be told by a later call, and a crash may lose the last few. After an error nobody knows what was written:
  // stop, open again, read the position. Reads see every write that was called before.
  virtual Result<void> write(RowWrites writes) = 0;

  // The error of an earlier write, if one has failed by now; waits for none. A lane without intents calls nothing else that
  // would tell it.
  virtual Result<void> failed_write() { return {}; }
};

}  // namespace sluice
