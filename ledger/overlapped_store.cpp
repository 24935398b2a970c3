#include "ledger/overlapped_store.h"

#include <utility>

namespace sluice {

OverlappedStore::OverlappedStore(std::unique_ptr<LedgerStore> store) : store_(std::move(store)), thread_([this] { run(); }) {}

OverlappedStore::~OverlappedStore() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    changed_.notify_all();
  }
  thread_.join();
}

Result<void> OverlappedStore::write(RowWrites writes) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return failure_.has_value() || waiting_.size() < kWaitingMax; });
  if (failure_) return *failure_;
  waiting_.push_back(std::move(writes));
  ++called_;
  changed_.notify_all();
  return {};
}

Result<void> OverlappedStore::failed_write() {
  const std::lock_guard lock(mutex_);
  if (failure_) return *failure_;
  return {};
}

Result<void> OverlappedStore::scan_range(std::string_view first, std::string_view end, const RowVisit& visit) {
  if (Result<void> waited = wait_for_earlier_writes(); !waited) return waited;
  return store_->scan_range(first, end, visit);
}

Result<void> OverlappedStore::find_at_or_before(
    const std::vector<std::string>& keys,
    const std::function<void(std::size_t i, std::string_view key, std::string_view value)>& visit) {
  if (Result<void> waited = wait_for_earlier_writes(); !waited) return waited;
  return store_->find_at_or_before(keys, visit);
}

Result<std::vector<std::optional<std::string>>> OverlappedStore::get(const std::vector<std::string>& keys) {
  if (Result<void> waited = wait_for_earlier_writes(); !waited) return waited.error();
  return store_->get(keys);
}

Result<void> OverlappedStore::wait_for_earlier_writes() {
  std::unique_lock lock(mutex_);
  const std::uint64_t earlier = called_;
  changed_.wait(lock, [&] { return failure_.has_value() || done_ >= earlier; });
  if (failure_) return *failure_;
  return {};
}

void OverlappedStore::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
    if (waiting_.empty() || failure_) return;
    RowWrites writes = std::move(waiting_.front());
    lock.unlock();
    Result<void> written = store_->write(std::move(writes));
    lock.lock();
    waiting_.pop_front();
    ++done_;
    if (!written) failure_ = written.error();
    changed_.notify_all();
  }
}

}  // namespace sluice
