// Pure: ports to one partition of `orders`: reading what was ruled, and writing what is ruled now.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <span>
#include <string_view>

#include "ledger/intent_log.h"
#include "runtime/result.h"

namespace sluice {

struct RecordMessage {
  std::int64_t log_offset;  // of the message in `orders`, which is no intent offset
  UnixMillis append_time;   // the broker's
  std::string_view bytes;
};

struct RecordPoll {
  std::span<const RecordMessage> records;
  // The offset where the partition ended for a read_committed reader, if this poll met its end. An open transaction of anybody
  // holds that end back.
  std::optional<std::int64_t> end;
};

// Reads committed records only.
class OrderLog {
 public:
  virtual ~OrderLog() = default;

  // [low, high) as a read_uncommitted reader sees it, asked of the broker now: `high` counts what is not committed yet, and the
  // markers of transactions, which no poll ever delivers.
  virtual Result<LogRange> range() = 0;

  // Log offset of the first committed record for which `reached` holds, or the end of the log. REQUIRES: once `reached` holds,
  // it holds for all later records. The next poll's place is undefined afterwards.
  virtual Result<std::int64_t> locate(const std::function<bool(std::string_view record)>& reached) = 0;

  virtual Result<void> start_at(std::int64_t log_offset) = 0;

  // What comes next in log order; waits at most `wait` for the first. The views live until the next call.
  virtual Result<RecordPoll> poll(std::chrono::milliseconds wait) = 0;

  // There will be no poll before the next start_at. A log that reads ahead would go on fetching what the lane itself writes.
  virtual void stop() {}
};

// A transactional producer whose id belongs to the partition. After any error the caller drops the writer and starts the lane
// again: there is deliberately no abort. Error kind kFenced: somebody else has acquired the partition since.
class OrderWriter {
 public:
  virtual ~OrderWriter() = default;

  // Fences whoever wrote before and resolves the transaction that it left open, before returning.
  virtual Result<void> acquire() = 0;

  virtual Result<void> begin() = 0;
  // Both views live until the flush.
  virtual Result<void> append(std::string_view sku, std::string_view record) = 0;

  // Returns when the broker has acknowledged every append of the transaction.
  virtual Result<void> flush() = 0;

  // An error leaves open whether the transaction was committed: only the log knows.
  virtual Result<void> commit() = 0;
};

}  // namespace sluice
