#include "ledger/disk_watch.h"

#include <fmt/format.h>
#include <sys/statvfs.h>

#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "runtime/log.h"

namespace sluice {

Result<std::uint64_t> free_bytes_at(const std::filesystem::path& folder) {
  struct statvfs disk {};
  if (statvfs(folder.c_str(), &disk) == 0) return std::uint64_t{disk.f_bavail} * disk.f_frsize;
  return Error::fatal(fmt::format("Cannot ask how much is free at {}: {}", folder.string(), std::strerror(errno)));
}

DiskWatch::DiskWatch(std::filesystem::path folder, std::uint64_t free_bytes_min, Metrics& metrics, AskFreeBytes ask)
    : folder_(std::move(folder)),
      free_bytes_min_(free_bytes_min),
      free_bytes_again_(free_bytes_min + free_bytes_min / 4),
      ask_(std::move(ask)),
      metrics_(metrics) {
  std::error_code ignored;  // check() says what is wrong
  std::filesystem::create_directories(folder_, ignored);
}

Result<void> DiskWatch::check() {
  auto free_bytes = ask_(folder_);
  if (!free_bytes) free_bytes = ask_anew(free_bytes.error());
  if (!free_bytes) return free_bytes.error();
  const std::lock_guard lock(mutex_);
  note_free(*free_bytes);
  return trouble_.empty() ? Result<void>() : Error::retryable(trouble_);
}

Result<std::uint64_t> DiskWatch::ask_anew(const Error& unanswered) const {
  std::error_code error;
  if (!std::filesystem::create_directories(folder_, error)) return unanswered;  // it is there, or cannot be made
  log_warning("the folder {} had vanished and was made anew: the stores that it held are built again from orders",
              folder_.string());
  return ask_(folder_);
}

void DiskWatch::note_free(std::uint64_t free_bytes) {
  metrics_.free_bytes.Set(static_cast<double>(free_bytes));
  const bool had_room = trouble_.empty();
  if (free_bytes >= (had_room ? free_bytes_min_ : free_bytes_again_)) {
    trouble_.clear();
    if (!had_room) log_info("the disk of {} has room again: {} bytes free", folder_.string(), free_bytes);
  } else if (had_room) {
    trouble_ = fmt::format(
        "the disk of {} is nearly full: {} bytes free, the lanes stop below {} (state.free_mib_min) and go on by themselves at "
        "{}. Make room; what lies there as *.aside-* is of no use to the ledger",
        folder_.string(), free_bytes, free_bytes_min_, free_bytes_again_);
    log_error("{}", trouble_);
  }
  metrics_.full.Set(trouble_.empty() ? 0 : 1);
}

}  // namespace sluice
