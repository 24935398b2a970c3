// Pure: port to the committed records of `orders`, of as many partitions as the sink owns.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string_view>

#include "runtime/result.h"
#include "schemas/ids.h"

namespace sluice {

struct PartitionRecord {
  Partition partition;
  std::int64_t log_offset;  // of the message in `orders`, which is no intent offset
  std::string_view bytes;
};

class OrdersReader {
 public:
  virtual ~OrdersReader() = default;

  // From now on polls also bring `partition`, beginning no later than with the record that covers the intent `from`. `hint`:
  // where in `orders` that record probably stands. A partition that is read already starts again there.
  virtual Result<void> start(Partition partition, Offset from, std::int64_t hint) = 0;

  virtual void stop(Partition partition) = 0;

  // At most `count_max` records; those of one partition are in log order. Waits at most `wait` for the first one. The views
  // live until the next call.
  virtual Result<std::span<const PartitionRecord>> poll(int count_max, std::chrono::milliseconds wait) = 0;
};

}  // namespace sluice
