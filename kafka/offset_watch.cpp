#include "kafka/offset_watch.h"

#include "runtime/check.h"

namespace sluice::kafka {
namespace {

constexpr const char* kName = "offset watch";

rd_kafka_resp_err_t on_acknowledgement(rd_kafka_t*, rd_kafka_message_t* message, void* watch) {
  if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) static_cast<OffsetWatch*>(watch)->acknowledged(message->offset);
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

// The library takes interceptors of a client only while it is being made.
rd_kafka_resp_err_t on_new(rd_kafka_t* client, const rd_kafka_conf_t*, void* watch, char*, std::size_t) {
  return rd_kafka_interceptor_add_on_acknowledgement(client, kName, on_acknowledgement, watch);
}

}  // namespace

void OffsetWatch::attach_to(rd_kafka_conf_t* configuration) {
  CHECK(rd_kafka_conf_interceptor_add_on_new(configuration, kName, on_new, this) == RD_KAFKA_RESP_ERR_NO_ERROR);
}

std::optional<OffsetWatch::Fall> OffsetWatch::fall() const {
  const std::int64_t fell_to = fell_to_.load(std::memory_order_relaxed);
  if (fell_to < 0) return std::nullopt;
  return Fall{fell_to, end_.load(std::memory_order_relaxed)};
}

// An acknowledgement without an offset (below 0) is one of a batch that the broker had written before; the batches around it
// have theirs.
void OffsetWatch::acknowledged(std::int64_t offset) {
  if (offset < 0) return;
  if (offset >= end_.load(std::memory_order_relaxed)) {
    end_.store(offset + 1, std::memory_order_relaxed);
  } else {
    fell_to_.store(offset, std::memory_order_relaxed);
  }
}

}  // namespace sluice::kafka
