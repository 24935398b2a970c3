// Adapter (POSIX): watches how much is free on the disk of the local stores. RocksDB 7.8 aborts the process when a disk is
// full, so the lanes stop before: at `free_bytes_min`, and go on by themselves when there is a quarter more than that.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>

#include "ledger/metrics.h"
#include "runtime/result.h"

namespace sluice {

// To whoever may write, on the disk that holds `folder`. Fatal: it cannot be asked.
Result<std::uint64_t> free_bytes_at(const std::filesystem::path& folder);
using AskFreeBytes = std::function<Result<std::uint64_t>(const std::filesystem::path& folder)>;

// Any thread.
class DiskWatch {
 public:
  // Makes the folder. `free_bytes_min` has to cover what RocksDB writes by itself, for all partitions, after the lanes stopped.
  DiskWatch(std::filesystem::path folder, std::uint64_t free_bytes_min, Metrics& metrics, AskFreeBytes ask = free_bytes_at);

  // Looks, in a microsecond. Retryable: there is too little room. The text stays the same until there is room again. A folder
  // that has vanished meanwhile is made anew: what it held was a cache.
  Result<void> check();

 private:
  Result<std::uint64_t> ask_anew(const Error& unanswered) const;
  void note_free(std::uint64_t free_bytes);  // REQUIRES: the lock is held

  const std::filesystem::path folder_;
  const std::uint64_t free_bytes_min_;
  const std::uint64_t free_bytes_again_;  // so that a disk at the edge does not start and stop the lanes in turn
  const AskFreeBytes ask_;
  DiskMetrics metrics_;
  std::mutex mutex_;
  std::string trouble_;
};

}  // namespace sluice
