// Pure: port to the topic `intents`, where the reaper appends Due.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "runtime/result.h"
#include "schemas/ids.h"
#include "schemas/intent.pb.h"

namespace sluice {

// How an append ended.
struct DueWritten {
  std::uint64_t id = 0;
  std::optional<Offset> offset;  // nothing: it was not written, or nobody knows
};

class DueAppender {
 public:
  virtual ~DueAppender() = default;

  // Hands `due` over and never waits. Retryable: it was not taken, and will not be written.
  virtual Result<void> append(Partition partition, const v1::Due& due, std::uint64_t id) = 0;

  // The appends that ended since the last call, each that was taken exactly once; never waits. Valid until the next call.
  virtual Result<std::span<const DueWritten>> poll() = 0;
};

}  // namespace sluice
