// Adapter (RocksDB): the local store of one partition, in a folder of its own: <directory>/<partition>.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/ledger_store.h"
#include "runtime/result.h"
#include "schemas/ids.h"

namespace rocksdb {
class ColumnFamilyHandle;
class DB;
class Status;
}  // namespace rocksdb

namespace sluice {

struct RocksStoreSettings {
  std::filesystem::path directory;  // made if missing; of one process
  // No write begins with less than this free on the folder's disk: RocksDB 7.8 aborts the process when a disk is full. It has
  // to cover what all partitions' flushes and compactions write on their own between two checks, and what is flushed when the
  // stores are closed: of 8 partitions 384 MiB at most.
  std::uint64_t free_bytes_min = std::uint64_t{512} << 20;
};

// What a folder belongs to. Recorded in the row "m" by the lane's first write.
struct StoreIdentity {
  Generation generation;
  Partition partition;
  int partition_count = 0;
};

// A write is in the operating system's hands when it returns: it survives the process (kill -9), and after a loss of power the
// folder holds some earlier write, whole, with everything before it. The rest is read again from `orders`. Not so in a rush:
// large writes are not logged, nor what comes within a second after one, and a process that dies then leaves some earlier
// write, too: up to 48 MiB before, and until the first write after that second.
class RocksStore : public LedgerStore {
 public:
  // kRetryable: another process has the folder open, or the disk is too full. kDamaged: what lies there cannot be read; so do
  // all other calls say, and after one of them did, no write is taken any more. kFatal: the folder is no ledger's, or the disk
  // has trouble; the message says what to do.
  static Result<std::unique_ptr<RocksStore>> open(const RocksStoreSettings& settings, Partition partition);

  // kDamaged: it was recorded for something else, or with another format. kFatal: it was not written by a ledger.
  Result<void> check_identity(const StoreIdentity& identity);

  // Both of the above.
  static Result<std::unique_ptr<RocksStore>> open(const RocksStoreSettings& settings, const StoreIdentity& identity);

  ~RocksStore() override;

  Result<void> scan_range(std::string_view first, std::string_view end, const RowVisit& visit) override;
  Result<std::vector<std::optional<std::string>>> get(const std::vector<std::string>& keys) override;
  Result<void> find_at_or_before(
      const std::vector<std::string>& keys,
      const std::function<void(std::size_t i, std::string_view key, std::string_view value)>& visit) override;
  Result<void> write(RowWrites writes) override;

 private:
  RocksStore(const RocksStoreSettings& settings, std::filesystem::path folder);
  Result<void> check_free_space() const;
  Result<bool> is_to_be_logged(std::size_t bytes);
  Result<void> open_rows();
  rocksdb::ColumnFamilyHandle* family_of(std::string_view key) const;
  Result<void> scan_part(std::string_view first, std::string_view end, const RowVisit& visit, bool& goes_on);
  Error failed(std::string_view doing, const rocksdb::Status& status);

  const std::uint64_t free_bytes_min_;
  const std::filesystem::path folder_;
  const std::string note_;  // see crash_note.h
  std::atomic<bool> damaged_ = false;
  std::chrono::steady_clock::time_point rush_ends_;  // unless another large write comes
  bool is_unlogged_ = false;                         // rows are in memory only
  std::unique_ptr<rocksdb::DB> rows_;
  rocksdb::ColumnFamilyHandle* chunks_ = nullptr;  // of rows_
  rocksdb::ColumnFamilyHandle* others_ = nullptr;
};

}  // namespace sluice
