// Shell: work in a thread of its own.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "ledger/background.h"
#include "runtime/result.h"

namespace sluice {

class BackgroundThread : public Background {
 public:
  BackgroundThread() : thread_([this] { run(); }) {}
  // Waits for what was started.
  ~BackgroundThread() override;
  BackgroundThread(const BackgroundThread&) = delete;
  BackgroundThread& operator=(const BackgroundThread&) = delete;

  void start(Work work) override;
  bool is_done() override;
  Result<void> finish() override;

 private:
  void run();

  std::mutex mutex_;
  std::condition_variable changed_;
  Work work_;                            // empty: nothing to do
  std::optional<Result<void>> outcome_;  // not yet taken
  bool ending_ = false;

  std::thread thread_;  // last: it uses all of the above
};

}  // namespace sluice
