// Adapter (Linux signalfd): SIGTERM and SIGINT as a state that threads ask for or wait for.
#pragma once

#include <chrono>

namespace sluice {

// Blocks both signals in the calling thread and ignores SIGPIPE. Construct it before any other thread starts: threads inherit
// the mask. All functions are safe from any thread, and once true, requested() stays true.
class StopSignal {
 public:
  StopSignal();
  ~StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  // One system call; ask once per cycle, not per message.
  bool requested() const { return wait_for(std::chrono::milliseconds{0}); }

  // Waits at most `limit`, and says whether stopping is requested.
  bool wait_for(std::chrono::milliseconds limit) const;

  // Waits without limit.
  void wait() const;

  // Asks from within, e.g. when one thread of the process cannot go on.
  void request();

 private:
  int signals_;  // signalfd: readable while a signal is pending. Nobody reads it, so it stays readable for all
  int asked_;    // eventfd: readable after request()
};

}  // namespace sluice
