// Pure: port to the local store of one partition: rows of bytes, written in atomic batches. What the rows mean is in
// store_rows.h.
#pragma once

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

// Safe to read from a second thread (the view's) while the lane writes.
class LedgerStore {
 public:
  virtual ~LedgerStore() = default;

  // Calls `visit(key, value)` for every row whose key starts with `prefix`, in key order. The visit ends early when it returns
  // false.
  virtual Result<void> scan(std::string_view prefix, const std::function<bool(std::string_view, std::string_view)>& visit) = 0;

  // values[i] is the row of keys[i], or nothing.
  virtual Result<std::vector<std::optional<std::string>>> get(const std::vector<std::string>& keys) = 0;

  // All or nothing, also over a crash of the process; in the order of the calls. It may return before it is done, so the error
  // of one write may be told by a later call, and a crash may lose the last few. After an error nobody knows what was written:
  // stop, open again, read the position. Reads see every write that was called before.
  virtual Result<void> write(RowWrites writes) = 0;
};

}  // namespace sluice
