// Shell: sees a transactional call that does not return. librdkafka's can outlive their own time-outs when the coordinator is
// gone, and a thread that is inside of one cannot be ended.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string_view>

#include "ledger/order_log.h"
#include "runtime/result.h"

namespace sluice {

// One thread calls, any thread looks.
class CallWatch {
 public:
  // What is under way, and for how long; nothing: {"", 0}.
  struct UnderWay {
    const char* what = "";
    std::chrono::milliseconds lasts{0};
  };
  UnderWay under_way() const;

  class Call {
   public:
    // `what` outlives the program.
    Call(CallWatch& watch, const char* what);
    ~Call();
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;

   private:
    CallWatch& watch_;
  };

 private:
  std::atomic<const char*> what_ = "";
  std::atomic<std::int64_t> begun_ns_ = 0;  // 0: nothing is under way
};

// Borrows both.
class WatchedWriter : public OrderWriter {
 public:
  WatchedWriter(OrderWriter& writer, CallWatch& watch) : writer_(writer), watch_(watch) {}

  Result<void> acquire() override;
  Result<void> begin() override { return writer_.begin(); }  // these two never wait
  Result<void> append(std::string_view sku, std::string_view record) override { return writer_.append(sku, record); }
  Result<void> flush() override;
  Result<void> commit() override;

 private:
  OrderWriter& writer_;
  CallWatch& watch_;
};

}  // namespace sluice
