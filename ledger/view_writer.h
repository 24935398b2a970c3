// Adapter (hiredis): writes the shared view over one connection to Redis. A row is only ever replaced by a newer one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "ledger/kept_since.h"
#include "ledger/view_rows.h"
#include "redis/connection.h"
#include "runtime/result.h"
#include "schemas/ids.h"

namespace sluice {

// What progress:<partition> says.
struct ViewProgress {
  Position next;  // whatever intents before it changed is in Redis
  int generation = 0;
  int partition_count = 0;
};

// Every error is kRetryable, also where Redis refuses what is asked: nothing that Redis says can end a ledger. After one the
// connection is not used again.
class ViewWriter {
 public:
  static Result<ViewWriter> connect(const RedisAddress& address);

  const std::string& name() const { return redis_.name(); }  // host:port

  // Nothing: Redis makes no promise about the partition.
  Result<std::optional<ViewProgress>> progress(Partition partition);

  // Takes back what is promised of the partition: progress, and since when it is kept.
  Result<void> withdraw_promises(Partition partition);
  // Only the latter.
  Result<void> withdraw_kept(Partition partition);

  // Promises since when the view is whole. Never goes back to an older position.
  Result<void> promise_kept(Partition partition, const KeptSince::Promise& promise);

  // Whether Redis may throw keys away to make room: then what was promised need not be there. Nothing: it does not tell.
  Result<std::optional<std::string>> eviction_policy();

  // Rows wait in a pipeline until the flush, which returns how many of them were newer than what Redis had.
  void add(const ViewRow& row);
  void add(const ViewField& field);
  std::size_t added() const { return redis_.added(); }
  Result<std::size_t> flush();

  // Promises `progress.next`, unless Redis's promise has fallen below `expected`: then it has lost rows (it was flushed, or
  // restarted from an older copy) and nothing is written. Returns what Redis's promise is now; without any, {0}.
  // REQUIRES: all rows before progress.next have been flushed without error, and no row waits.
  Result<Position> promise(Partition partition, Position expected, const ViewProgress& progress);

 private:
  explicit ViewWriter(RedisConnection redis) : redis_(std::move(redis)) {}

  RedisConnection redis_;
};

}  // namespace sluice
