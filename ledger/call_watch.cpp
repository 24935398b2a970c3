#include "ledger/call_watch.h"

#include "runtime/clock.h"
#include "runtime/failpoint.h"

namespace sluice {

CallWatch::UnderWay CallWatch::under_way() const {
  const std::int64_t begun_ns = begun_ns_;
  if (begun_ns == 0) return {};
  return {what_, std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::nanoseconds(steady_nanos() - begun_ns))};
}

CallWatch::Call::Call(CallWatch& watch, const char* what) : watch_(watch) {
  watch_.what_ = what;
  watch_.begun_ns_ = steady_nanos();
}

CallWatch::Call::~Call() { watch_.begun_ns_ = 0; }

Result<void> WatchedWriter::acquire() {
  const CallWatch::Call call(watch_, "init_transactions");
  return writer_.acquire();
}

Result<void> WatchedWriter::flush() {
  const CallWatch::Call call(watch_, "flush");
  return writer_.flush();
}

Result<void> WatchedWriter::commit() {
  const CallWatch::Call call(watch_, "commit_transaction");
  SLUICE_FAILPOINT("call.before_commit");
  Result<void> committed = writer_.commit();
  SLUICE_FAILPOINT("call.after_commit");
  return committed;
}

}  // namespace sluice
