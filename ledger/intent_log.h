// Pure: port to one partition of `intents`, read in offset order.
#pragma once

#include <chrono>
#include <span>
#include <string_view>

#include "runtime/result.h"
#include "schemas/ids.h"

namespace sluice {

struct IntentMessage {
  Offset offset;
  UnixMillis append_time;  // the broker's
  std::string_view bytes;
};

// Offsets [low, high) of a partition: the first that is still kept, and the one that the next append gets.
struct LogRange {
  std::int64_t low = 0;
  std::int64_t high = 0;
};

class IntentLog {
 public:
  virtual ~IntentLog() = default;

  virtual Result<LogRange> range() = 0;

  // The next poll begins at `next`. Also how a reader that met a gap is made to read again.
  virtual Result<void> start_at(Offset next) = 0;

  // At most `count_max` messages; waits at most `wait` for the first one. Empty when none came. The views live until the next
  // call.
  virtual Result<std::span<const IntentMessage>> poll(int count_max, std::chrono::milliseconds wait) = 0;
};

}  // namespace sluice
