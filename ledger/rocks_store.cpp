#include "ledger/rocks_store.h"

#include <fmt/format.h>
#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/iterator.h>
#include <rocksdb/options.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>
#include <sys/statvfs.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "ledger/store_rows.h"
#include "ledger/stored.pb.h"

namespace sluice {
namespace {

constexpr std::size_t kBlockCacheBytes = std::size_t{8} << 20;
constexpr int kBloomBitsPerKey = 10;

// A process runs up to all partitions (8 by default), each with a store like this one.
rocksdb::Options small_footprint() {
  rocksdb::Options options;
  options.create_if_missing = true;
  // At most 3 × 32 MiB of unflushed rows a partition. A flushed file spans all kinds of rows, so that each compaction rewrites
  // what was flushed before: with 8 MiB that took more CPU than the lane's own writes.
  options.write_buffer_size = std::size_t{32} << 20;
  options.max_write_buffer_number = 3;                    // so that a slow flush does not stall the lane at once
  options.max_total_wal_size = std::uint64_t{128} << 20;  // bounds what is read again after a crash
  options.compression = rocksdb::kNoCompression;          // rows are fingerprints and ids, and a lane lacks CPU before disk
  options.max_open_files = 256;                           // a process has 20,000 for sockets, segments and all stores
  options.max_background_jobs = 2;                        // threads are shared by all stores of a process
  options.info_log_level = rocksdb::WARN_LEVEL;
  options.keep_log_file_num = 2;
  options.max_log_file_size = std::size_t{1} << 20;
  options.stats_dump_period_sec = 0;
  // Damage at the end of the WAL costs the writes after it and no more. Fine only because a write carries its position: what is
  // missing is read again from `orders`.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(kBlockCacheBytes);
  table.cache_index_and_filter_blocks = true;  // or they would grow beside the cache, without bound
  // Most payments and many orders that a batch asks for are not there.
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(kBloomBitsPerKey));
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

rocksdb::Slice slice(std::string_view text) { return {text.data(), text.size()}; }
std::string_view view(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

std::string set_aside(const std::filesystem::path& folder) {
  return fmt::format("set it aside (rename {} to {}.aside) and start again: the ledger rebuilds it from the topic orders",
                     folder.string(), folder.string());
}

// Whether a folder without CURRENT, the file that names the newest state, can be a store whose making a crash cut short:
// RocksDB writes these files before CURRENT, and rows only after it.
bool left_by_a_crash_while_made(std::string_view name) {
  constexpr std::array<std::string_view, 5> kFirstFiles = {"LOCK", "LOG", "IDENTITY", "MANIFEST-", "OPTIONS-"};
  if (name.ends_with(".dbtmp")) return true;
  for (std::string_view first : kFirstFiles) {
    if (name.starts_with(first)) return true;
  }
  return false;
}

// RocksDB would make a new store in the midst of whatever lies there.
Result<void> check_files(const std::filesystem::path& folder) {
  std::error_code error;
  if (std::filesystem::exists(folder / "CURRENT", error)) return {};
  for (const auto& file : std::filesystem::directory_iterator(folder, error)) {
    const std::string name = file.path().filename();
    if (left_by_a_crash_while_made(name)) continue;
    return Error::fatal(fmt::format("The folder {} holds {} but no CURRENT: it is damaged or no store of a ledger. {}",
                                    folder.string(), name, "If it is a ledger's, " + set_aside(folder)));
  }
  if (error) return Error::fatal(fmt::format("Cannot read the folder {}: {}", folder.string(), error.message()));
  return {};
}

}  // namespace

RocksStore::RocksStore(const RocksStoreSettings& settings, std::filesystem::path folder)
    : free_bytes_min_(settings.free_bytes_min), folder_(std::move(folder)) {}

RocksStore::~RocksStore() = default;

Result<std::unique_ptr<RocksStore>> RocksStore::open(const RocksStoreSettings& settings, const StoreIdentity& identity) {
  auto folder = settings.directory / std::to_string(identity.partition.value);
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return Error::fatal(fmt::format("Cannot make the folder {}: {}", folder.string(), error.message()));
  std::unique_ptr<RocksStore> store(new RocksStore(settings, std::move(folder)));
  if (auto free = store->check_free_space(); !free) return free.error();  // opening writes, too
  if (auto files = check_files(store->folder_); !files) return files.error();
  if (auto opened = store->open_rows(); !opened) return opened.error();
  if (auto identical = store->check_identity(identity); !identical) return identical.error();
  return store;
}

Result<void> RocksStore::open_rows() {
  rocksdb::DB* rows = nullptr;
  const rocksdb::Status status = rocksdb::DB::Open(small_footprint(), folder_.string(), &rows);
  rows_.reset(rows);
  if (status.ok()) return {};
  if (status.IsIOError() && status.ToString().find("lock") != std::string::npos) {
    return Error::retryable(fmt::format("The store {} is open elsewhere ({}): give every ledger process a directory of its own",
                                        folder_.string(), status.ToString()));
  }
  return failed("opened", status);
}

Result<void> RocksStore::check_identity(const StoreIdentity& identity) {
  auto found = get({std::string(kProgressRow)});
  if (!found) return found.error();
  const std::optional<std::string>& row = found->front();
  if (!row) {
    bool empty = true;
    auto scanned = scan("", [&empty](std::string_view, std::string_view) { return empty = false; });
    if (!scanned || empty) return scanned;
    return Error::fatal(fmt::format("The store {} was not written by a ledger. Give the ledger another directory, or {}",
                                    folder_.string(), set_aside(folder_)));
  }
  v1::StoredProgress progress;
  if (!progress.ParseFromString(*row)) {
    return Error::fatal(
        fmt::format("The store {} has a row of progress that cannot be read: {}", folder_.string(), set_aside(folder_)));
  }
  if (progress.format() != kStoreFormat) {
    return Error::fatal(fmt::format(
        "The store {} has format {}, this ledger reads {}: {}{}", folder_.string(), progress.format(), kStoreFormat,
        progress.format() > kStoreFormat ? "start a ledger as new as the one that wrote it, or " : "", set_aside(folder_)));
  }
  const bool same = static_cast<int>(progress.generation()) == identity.generation.value &&
                    static_cast<int>(progress.partition()) == identity.partition.value &&
                    static_cast<int>(progress.partition_count()) == identity.partition_count;
  if (same) return {};
  return Error::fatal(fmt::format(
      "The store {} is of generation {}, partition {} of {}; this ledger runs generation {}, partition {} of {}. Correct "
      "topics.generation and topics.partitions in the settings, or, if the topics were created again, {}",
      folder_.string(), progress.generation(), progress.partition(), progress.partition_count(), identity.generation.value,
      identity.partition.value, identity.partition_count, set_aside(folder_)));
}

Result<void> RocksStore::scan(std::string_view prefix, const std::function<bool(std::string_view, std::string_view)>& visit) {
  const std::unique_ptr<rocksdb::Iterator> row(rows_->NewIterator(rocksdb::ReadOptions()));
  for (row->Seek(slice(prefix)); row->Valid() && row->key().starts_with(slice(prefix)); row->Next()) {
    if (!visit(view(row->key()), view(row->value()))) break;
  }
  return row->status().ok() ? Result<void>() : failed("read", row->status());
}

Result<std::vector<std::optional<std::string>>> RocksStore::get(const std::vector<std::string>& keys) {
  std::vector<rocksdb::Slice> wanted(keys.begin(), keys.end());
  std::vector<std::string> values;
  const std::vector<rocksdb::Status> statuses = rows_->MultiGet(rocksdb::ReadOptions(), wanted, &values);
  std::vector<std::optional<std::string>> rows(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (statuses[i].ok()) {
      rows[i] = std::move(values[i]);
    } else if (!statuses[i].IsNotFound()) {
      return failed("read", statuses[i]);
    }
  }
  return rows;
}

Result<void> RocksStore::write(RowWrites writes) {
  if (auto free = check_free_space(); !free) return free;
  rocksdb::WriteBatch batch;
  for (const auto& [key, value] : writes.puts) batch.Put(key, value);
  for (const auto& key : writes.deletes) batch.Delete(key);
  rocksdb::WriteOptions options;
  options.sync = false;  // see the class: `orders` is the durable copy
  options.disableWAL = false;
  const rocksdb::Status status = rows_->Write(options, &batch);
  return status.ok() ? Result<void>() : failed("written", status);
}

Result<void> RocksStore::check_free_space() const {
  struct statvfs disk {};
  if (statvfs(folder_.c_str(), &disk) != 0) {
    return Error::fatal(fmt::format("Cannot ask how much is free at {}: {}", folder_.string(), std::strerror(errno)));
  }
  const std::uint64_t free_bytes = std::uint64_t{disk.f_bavail} * disk.f_frsize;
  if (free_bytes >= free_bytes_min_) return {};
  return Error::fatal(
      fmt::format("The disk of {} is nearly full: {} bytes free, {} needed. Make room and start the ledger again",
                  folder_.string(), free_bytes, free_bytes_min_));
}

Error RocksStore::failed(std::string_view doing, const rocksdb::Status& status) const {
  if (status.IsIOError()) {
    return Error::fatal(fmt::format("The store {} cannot be {}: {}. Look at its disk and permissions; if they are in order, {}",
                                    folder_.string(), doing, status.ToString(), set_aside(folder_)));
  }
  return Error::fatal(fmt::format("The store {} cannot be {}: {}. It is damaged, or of another version: {}", folder_.string(),
                                  doing, status.ToString(), set_aside(folder_)));
}

}  // namespace sluice
