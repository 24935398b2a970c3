// Shell: the folder of one partition's local store, seen from outside. What has become of no use is noted beside it, in
// <partition>.unusable, also over the end of the process; the next start of the lane sets the folder aside under a name with
// the time, and the store is built again from `orders`.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "ledger/metrics.h"
#include "runtime/result.h"
#include "schemas/ids.h"

namespace sluice {

// Why a store was of no use.
enum class StoreTrouble {
  kDamaged,  // RocksDB or a row cannot be read
  kOther,    // of another format, generation, partition or partition count
  kAborted,  // the process died inside RocksDB (crash_note.h)
};

// Where it is noted that the store in `folder` is of no use.
std::filesystem::path note_beside(const std::filesystem::path& folder);

// Of the lane's thread.
class StoreFolder {
 public:
  // So many stores that were set aside are kept for a person to look at; older ones are removed.
  static constexpr std::size_t kAsideMax = 2;

  StoreFolder(const std::filesystem::path& directory, Partition partition, Metrics& metrics);

  const std::filesystem::path& path() const { return folder_; }
  std::filesystem::path note() const { return note_beside(folder_); }

  // The store must not be opened again as it is. `why`: for people.
  void condemn(StoreTrouble trouble, const std::string& why) const;

  // If it was condemned. REQUIRES: the store is closed. Fatal: it cannot be renamed. `now`: for the name.
  Result<void> set_aside_if_condemned(UnixMillis now);

 private:
  void remove_oldest_aside() const;

  const std::filesystem::path folder_;
  const Partition partition_;
  RebuildMetrics metrics_;
};

}  // namespace sluice
