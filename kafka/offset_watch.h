// Adapter (librdkafka): sees whether a partition still goes on behind what its only writer has appended before. A topic that
// was deleted and made anew under a producer begins at 0 again, and the broker takes the producer's messages as if nothing
// were.
#pragma once

#include <librdkafka/rdkafka.h>

#include <atomic>
#include <cstdint>
#include <optional>

namespace sluice::kafka {

// Outlives the client. Told from the library's threads, asked from any.
class OffsetWatch {
 public:
  // Of a producer that writes to one partition; before the client is started. This is no delivery report: those cost far more.
  void attach_to(rd_kafka_conf_t* configuration);

  // From now on nothing may be appended below `end`.
  void begins_at(std::int64_t end) { end_.store(end, std::memory_order_relaxed); }

  // Where a message was acknowledged below what had been there before it.
  struct Fall {
    std::int64_t offset = 0;
    std::int64_t end = 0;
  };
  std::optional<Fall> fall() const;

  void acknowledged(std::int64_t offset);

 private:
  std::atomic<std::int64_t> end_{0};
  std::atomic<std::int64_t> fell_to_{-1};
};

}  // namespace sluice::kafka
