#include "ledger/rocks_store.h"

#include <fmt/format.h>
#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/iterator.h>
#include <rocksdb/listener.h>
#include <rocksdb/options.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <set>
#include <system_error>
#include <utility>

#include "ledger/crash_note.h"
#include "ledger/disk_watch.h"
#include "ledger/manifest_check.h"
#include "ledger/store_folder.h"
#include "ledger/store_rows.h"
#include "ledger/stored.pb.h"
#include "runtime/failpoint.h"

namespace sluice {
namespace {

constexpr std::size_t kRushBytes = std::size_t{64} << 10;  // of one write
constexpr std::chrono::seconds kRush{1};
constexpr std::size_t kBlockCacheBytes = std::size_t{8} << 20;
constexpr int kBloomBitsPerKey = 10;
constexpr std::size_t kUnflushedBytes = std::size_t{8} << 20;  // up to three times, of each column family
const std::string kChunkFamily = "chunks";

// RocksDB's own threads work for all stores of the process: whose they are in, should they die there.
class BackgroundNotes : public rocksdb::EventListener {
 public:
  explicit BackgroundNotes(const std::string& note) : note_(kept_for_ever(note)) {}
  void OnFlushBegin(rocksdb::DB*, const rocksdb::FlushJobInfo&) override { of_this_thread().emplace(note_); }
  void OnFlushCompleted(rocksdb::DB*, const rocksdb::FlushJobInfo&) override { of_this_thread().reset(); }
  void OnCompactionBegin(rocksdb::DB*, const rocksdb::CompactionJobInfo&) override { of_this_thread().emplace(note_); }
  void OnCompactionCompleted(rocksdb::DB*, const rocksdb::CompactionJobInfo&) override { of_this_thread().reset(); }

 private:
  static std::optional<CrashNote>& of_this_thread() {
    thread_local std::optional<CrashNote> note;
    return note;
  }
  // What is begun is not always said to be completed: not when it fails, nor when the store is closed. A thread's note can then
  // outlive the listener.
  static const std::string& kept_for_ever(const std::string& note) {
    static std::mutex mutex;
    static auto& notes = *new std::set<std::string>();
    const std::lock_guard lock(mutex);
    return *notes.insert(note).first;
  }
  const std::string& note_;
};

// A process runs up to all partitions (8 by default), each with a store like this one.
rocksdb::DBOptions small_footprint(const std::string& note) {
  rocksdb::DBOptions options;
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  options.max_total_wal_size = std::uint64_t{64} << 20;  // bounds what is read again after a crash
  options.max_open_files = 256;                          // a process has 20,000 for sockets, segments and all stores
  options.max_background_jobs = 2;                       // threads are shared by all stores of a process
  options.info_log_level = rocksdb::WARN_LEVEL;
  // What a log of writes took in advance would come free when a store is closed because the disk is nearly full, and be taken
  // again when it is opened: the lanes would stop and start in turn.
  options.allow_fallocate = false;
  options.keep_log_file_num = 2;
  options.max_log_file_size = std::size_t{1} << 20;
  options.stats_dump_period_sec = 0;
  // Damage at the end of the WAL costs the writes after it and no more. Fine only because a write carries its position: what is
  // missing is read again from `orders`.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  options.atomic_flush = true;  // of both families, or what was not logged would be lost of one of them only
  options.listeners.emplace_back(new BackgroundNotes(note));
  return options;
}

// Two families. Chunks are only ever appended, so that their files never overlap and compaction moves them without reading.
// Together with the rest, of which every flush has all kinds, each compaction would rewrite what was flushed before.
rocksdb::ColumnFamilyOptions rows_of(const auto& cache, bool can_be_missing) {
  rocksdb::ColumnFamilyOptions options;
  options.write_buffer_size = kUnflushedBytes;
  options.max_write_buffer_number = 3;            // so that a slow flush does not stall the lane at once
  options.compression = rocksdb::kNoCompression;  // rows are fingerprints and ids, and a lane lacks CPU before disk
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.cache_index_and_filter_blocks = true;  // or they would grow beside the cache, without bound
  // Most payments and many orders that a batch asks for are not there.
  if (can_be_missing) table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(kBloomBitsPerKey));
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

rocksdb::Slice slice(std::string_view text) { return {text.data(), text.size()}; }
std::string_view view(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

bool is_gone(const std::filesystem::path& folder) {
  std::error_code error;
  return std::filesystem::status(folder, error).type() == std::filesystem::file_type::not_found;
}

bool is_a_file_of_rocksdb(std::string_view name) {
  constexpr std::array<std::string_view, 5> kNames = {"LOCK", "LOG", "IDENTITY", "MANIFEST-", "OPTIONS-"};
  for (std::string_view begin : kNames) {
    if (name.starts_with(begin)) return true;
  }
  return name.ends_with(".sst") || name.ends_with(".log") || name.ends_with(".dbtmp");
}

// RocksDB would make a new store in the midst of whatever lies there. Of a store whose making a crash cut short, CURRENT, which
// names the newest state, is missing, too: RocksDB writes it before the first row.
Result<void> check_files(const std::filesystem::path& folder) {
  std::error_code error;
  if (std::filesystem::exists(folder / "CURRENT", error)) return {};
  bool has_rows = false;
  for (const auto& file : std::filesystem::directory_iterator(folder, error)) {
    const std::string name = file.path().filename();
    if (!is_a_file_of_rocksdb(name)) {
      return Error::fatal(fmt::format("The folder {} holds {} and is no store of a ledger: give the ledger another directory",
                                      folder.string(), name));
    }
    has_rows = has_rows || name.ends_with(".sst") || name.ends_with(".log");
  }
  if (error) return Error::fatal(fmt::format("Cannot read the folder {}: {}", folder.string(), error.message()));
  if (!has_rows) return {};
  return Error::damaged(fmt::format("The store {} has no CURRENT, the file that names its newest state", folder.string()));
}

}  // namespace

RocksStore::RocksStore(const RocksStoreSettings& settings, std::filesystem::path folder)
    : free_bytes_min_(settings.free_bytes_min), folder_(std::move(folder)), note_(note_beside(folder_)) {}

RocksStore::~RocksStore() {
  const CrashNote note(note_);
  for (rocksdb::ColumnFamilyHandle* family : {chunks_, others_}) {
    if (family != nullptr) rows_->DestroyColumnFamilyHandle(family);
  }
  rows_.reset();
}

Result<std::unique_ptr<RocksStore>> RocksStore::open(const RocksStoreSettings& settings, const StoreIdentity& identity) {
  auto store = open(settings, identity.partition);
  if (!store) return store;
  if (auto identical = (*store)->check_identity(identity); !identical) return identical.error();
  return store;
}

Result<std::unique_ptr<RocksStore>> RocksStore::open(const RocksStoreSettings& settings, Partition partition) {
  auto folder = settings.directory / std::to_string(partition.value);
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return Error::fatal(fmt::format("Cannot make the folder {}: {}", folder.string(), error.message()));
  std::unique_ptr<RocksStore> store(new RocksStore(settings, std::move(folder)));
  if (auto free = store->check_free_space(); !free) return free.error();  // opening writes, too
  if (auto files = check_files(store->folder_); !files) return files.error();
  if (auto manifest = check_manifest(store->folder_); !manifest) return manifest.error();
  if (auto opened = store->open_rows(); !opened) return opened.error();
  return store;
}

Result<void> RocksStore::open_rows() {
  SLUICE_FAILPOINT("store.before_open");
  const CrashNote note(note_);
  // Compaction may wait for the lanes; a flush, which they would soon wait for, may not.
  (void)rocksdb::Env::Default()->LowerThreadPoolCPUPriority(rocksdb::Env::Priority::LOW, rocksdb::CpuPriority::kLow);
  const auto cache = rocksdb::NewLRUCache(kBlockCacheBytes);
  rocksdb::DB* rows = nullptr;
  std::vector<rocksdb::ColumnFamilyHandle*> families;
  const rocksdb::Status status = rocksdb::DB::Open(
      small_footprint(note_), folder_.string(),
      {{rocksdb::kDefaultColumnFamilyName, rows_of(cache, true)}, {kChunkFamily, rows_of(cache, false)}}, &families, &rows);
  rows_.reset(rows);
  if (status.ok()) {
    others_ = families[0];
    chunks_ = families[1];
  }
  SLUICE_FAILPOINT("store.after_open");
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
    bool goes_on = true;
    // As another program would have them: all in the first family.
    auto scanned = scan_part(
        "", "", [&empty](std::string_view, std::string_view) { return empty = false; }, goes_on);
    if (!scanned || empty) return scanned;
    return Error::fatal(
        fmt::format("The store {} was not written by a ledger: give the ledger another directory", folder_.string()));
  }
  v1::StoredProgress progress;
  if (!progress.ParseFromString(*row)) {
    return Error::damaged(fmt::format("The store {} has a row of progress that cannot be read", folder_.string()));
  }
  if (progress.format() != kStoreFormat) {
    return Error::damaged(
        fmt::format("The store {} has format {}, this ledger reads {}", folder_.string(), progress.format(), kStoreFormat));
  }
  const bool same = static_cast<int>(progress.generation()) == identity.generation.value &&
                    static_cast<int>(progress.partition()) == identity.partition.value &&
                    static_cast<int>(progress.partition_count()) == identity.partition_count;
  if (same) return {};
  return Error::damaged(
      fmt::format("The store {} is of generation {}, partition {} of {}; this ledger runs generation {}, partition {} of {}",
                  folder_.string(), progress.generation(), progress.partition(), progress.partition_count(),
                  identity.generation.value, identity.partition.value, identity.partition_count));
}

rocksdb::ColumnFamilyHandle* RocksStore::family_of(std::string_view key) const {
  return key.starts_with(kChunkRows) ? chunks_ : others_;
}

Result<void> RocksStore::scan_range(std::string_view first, std::string_view end, const RowVisit& visit) {
  // The chunks lie apart, in the midst of the other rows.
  const std::string chunks_end(1, static_cast<char>(kChunkRows.front() + 1));
  bool goes_on = true;
  while (goes_on && (end.empty() || first < end)) {
    const std::string_view border = first < kChunkRows ? kChunkRows : first < chunks_end ? std::string_view(chunks_end) : end;
    const std::string_view part_end = end.empty() || border.empty() ? border : std::min(end, border);
    if (auto scanned = scan_part(first, part_end, visit, goes_on); !scanned) return scanned;
    if (part_end.empty()) break;
    first = part_end;
  }
  return {};
}

// REQUIRES: the rows of the range lie in one family.
Result<void> RocksStore::scan_part(std::string_view first, std::string_view end, const RowVisit& visit, bool& goes_on) {
  const CrashNote note(note_);
  rocksdb::ReadOptions options;
  const rocksdb::Slice bound = slice(end);
  if (!end.empty()) options.iterate_upper_bound = &bound;
  const std::unique_ptr<rocksdb::Iterator> row(rows_->NewIterator(options, family_of(first)));
  for (row->Seek(slice(first)); goes_on && row->Valid(); row->Next()) {
    goes_on = visit(view(row->key()), view(row->value()));
    if (!goes_on) break;
  }
  return row->status().ok() ? Result<void>() : failed("read", row->status());
}

Result<void> RocksStore::find_at_or_before(
    const std::vector<std::string>& keys,
    const std::function<void(std::size_t i, std::string_view key, std::string_view value)>& visit) {
  const CrashNote note(note_);
  std::unique_ptr<rocksdb::Iterator> row;
  const rocksdb::ColumnFamilyHandle* of = nullptr;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    rocksdb::ColumnFamilyHandle* family = family_of(keys[i]);
    if (of != family) row.reset(rows_->NewIterator(rocksdb::ReadOptions(), family));
    of = family;
    row->SeekForPrev(keys[i]);
    if (!row->status().ok()) return failed("read", row->status());
    if (row->Valid() && row->key()[0] == keys[i][0]) visit(i, view(row->key()), view(row->value()));
  }
  return {};
}

Result<std::vector<std::optional<std::string>>> RocksStore::get(const std::vector<std::string>& keys) {
  const CrashNote note(note_);
  std::vector<rocksdb::Slice> wanted(keys.begin(), keys.end());
  std::vector<rocksdb::ColumnFamilyHandle*> families;
  families.reserve(keys.size());
  for (const std::string& key : keys) families.push_back(family_of(key));
  std::vector<std::string> values;
  const std::vector<rocksdb::Status> statuses = rows_->MultiGet(rocksdb::ReadOptions(), families, wanted, &values);
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
  if (damaged_) return Error::damaged(fmt::format("The store {} was found damaged when it was read", folder_.string()));
  rocksdb::WriteBatch batch;
  for (const auto& [key, value] : writes.puts) batch.Put(family_of(key), key, value);
  for (const auto& key : writes.deletes) batch.Delete(family_of(key), key);
  rocksdb::WriteOptions options;
  const CrashNote note(note_);
  const Result<bool> logged = is_to_be_logged(batch.GetDataSize());
  if (!logged) return logged.error();
  options.sync = false;  // see the class: `orders` is the durable copy
  options.disableWAL = !*logged;
  SLUICE_FAILPOINT("store.before_write");
  const rocksdb::Status status = rows_->Write(options, &batch);
  SLUICE_FAILPOINT("store.after_write");
  return status.ok() ? Result<void>() : failed("written", status);
}

// A log beside the log is worth its bytes where few rows come: they would be read again from far behind. After a write that is
// not logged none may be, before a flush: what a crash leaves would have a gap.
Result<bool> RocksStore::is_to_be_logged(std::size_t bytes) {
  const auto now = std::chrono::steady_clock::now();
  if (bytes >= kRushBytes) rush_ends_ = now + kRush;
  if (now < rush_ends_) {
    is_unlogged_ = true;
    return false;
  }
  if (is_unlogged_) {
    const rocksdb::Status flushed = rows_->Flush(rocksdb::FlushOptions(), {others_, chunks_});
    if (!flushed.ok()) return failed("written", flushed);
    is_unlogged_ = false;
  }
  return true;
}

Result<void> RocksStore::check_free_space() const {
  const auto free_bytes = free_bytes_at(folder_);
  if (!free_bytes && is_gone(folder_)) {
    return Error::retryable(fmt::format("The store {} has vanished: a new one is built from orders", folder_.string()));
  }
  if (!free_bytes) return free_bytes.error();
  if (*free_bytes >= free_bytes_min_) return {};
  return Error::retryable(fmt::format("The disk of {} is nearly full: {} bytes free, {} needed. Make room", folder_.string(),
                                      *free_bytes, free_bytes_min_));
}

// A file that is gone is damage; other trouble with files is the disk's, and a store made anew would have it too.
Error RocksStore::failed(std::string_view doing, const rocksdb::Status& status) {
  std::string what = fmt::format("The store {} cannot be {}: {}", folder_.string(), doing, status.ToString());
  if (status.IsNoSpace()) return Error::retryable(what + ". Make room; the lane goes on by itself");
  if (status.IsIOError() && !status.IsPathNotFound()) {
    return Error::fatal(what +
                        ". Look at its disk and permissions; the store itself can always be set aside, it is built again "
                        "from orders");
  }
  damaged_ = true;
  return Error::damaged(std::move(what));
}

}  // namespace sluice
