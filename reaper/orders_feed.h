// Pure: port to the committed records of `orders`, of as many partitions as the reaper owns.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string_view>

#include "runtime/result.h"
#include "schemas/ids.h"

namespace sluice {

struct FedRecord {
  Partition partition;
  std::int64_t log_offset;  // of the message in `orders`, which is no intent offset
  UnixMillis append_time;   // as the broker says
  std::string_view bytes;
};

// Everything of the partition that lies before `log_offset` has been fed.
struct FedUpTo {
  Partition partition;
  std::int64_t log_offset;
};

// Valid until the next call.
struct FedBatch {
  std::span<const FedRecord> records;  // of one partition: in log order
  std::span<const FedUpTo> ends;       // where the log ended at some moment
};

// What there is of a partition: log offsets [low, high).
struct FeedBounds {
  std::int64_t low = 0;
  std::int64_t high = 0;
};

class OrdersFeed {
 public:
  virtual ~OrdersFeed() = default;

  virtual Result<FeedBounds> bounds(Partition partition) = 0;

  // From now on polls also bring `partition`, from `log_offset` on. A partition that is read already starts again there.
  virtual Result<void> start(Partition partition, std::int64_t log_offset) = 0;
  virtual void stop(Partition partition) = 0;

  // At most `count_max` records. Waits at most `wait` for the first one.
  virtual Result<FedBatch> poll(int count_max, std::chrono::milliseconds wait) = 0;
};

}  // namespace sluice
