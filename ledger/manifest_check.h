// Adapter (RocksDB): whether a store's MANIFEST is whole. It is the log of which files and column families a store consists of.
// RocksDB 7.8 takes a record that seems to reach beyond its end for one that a crash cut short, drops it with all that follow,
// and opens the store: one flipped bit in a length, and an accepted order is not there, with no error.
#pragma once

#include <filesystem>

#include "runtime/result.h"

namespace sluice {

// kDamaged: a record of the MANIFEST that CURRENT names is not whole, also the last one. A crash can leave that, too, if it
// comes within the write of a record; the store is then built again. What else is wrong with these files RocksDB finds itself,
// also that another process has the store open: then it is not looked at.
// Not found: a MANIFEST that has lost whole records from its end, though they were synced.
// Format: https://github.com/facebook/rocksdb/wiki/Write-Ahead-Log-File-Format
Result<void> check_manifest(const std::filesystem::path& store);

}  // namespace sluice
