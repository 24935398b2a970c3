// Adapter (POSIX): leaves a note when the process dies inside of a local store. RocksDB 7.8 of Debian has its assertions on,
// and a damaged file can end the process where another build would return an error: without the note it would be started, open
// the same file and die again, for ever.
#pragma once

#include <string>

namespace sluice {

// From now on: whoever dies by abort(), a failed assertion or a bad address while a CrashNote lives in its thread leaves an
// empty file at that note's path (which StoreFolder takes as "aborted"). Call once, before the threads start. A kill, or the
// system's lack of memory, leaves nothing: it says nothing about the store.
void leave_crash_notes();

// While it lives, this thread acts inside of the store whose note is at `path`, which outlives it.
class CrashNote {
 public:
  explicit CrashNote(const std::string& path);
  ~CrashNote();
  CrashNote(const CrashNote&) = delete;
  CrashNote& operator=(const CrashNote&) = delete;

 private:
  const char* const before_;
};

}  // namespace sluice
