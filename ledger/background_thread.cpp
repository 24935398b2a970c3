#include "ledger/background_thread.h"

#include <utility>

#include "runtime/check.h"

namespace sluice {

BackgroundThread::~BackgroundThread() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    changed_.notify_all();
  }
  thread_.join();
}

void BackgroundThread::start(Work work) {
  const std::lock_guard lock(mutex_);
  CHECK(!work_ && !outcome_);
  work_ = std::move(work);
  changed_.notify_all();
}

bool BackgroundThread::is_done() {
  const std::lock_guard lock(mutex_);
  return outcome_.has_value();
}

Result<void> BackgroundThread::finish() {
  std::unique_lock lock(mutex_);
  CHECK(work_ || outcome_);
  changed_.wait(lock, [this] { return outcome_.has_value(); });
  return *std::exchange(outcome_, std::nullopt);
}

void BackgroundThread::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return ending_ || work_; });
    if (!work_) return;
    lock.unlock();
    Result<void> outcome = work_();
    lock.lock();
    work_ = nullptr;  // with what it held
    outcome_ = std::move(outcome);
    changed_.notify_all();
  }
}

}  // namespace sluice
