#include "ledger/store_folder.h"

#include <absl/time/time.h>
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <system_error>
#include <vector>

#include "runtime/log.h"

namespace sluice {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kDamaged = "damaged";
constexpr std::string_view kOther = "other";

// The first line of a note; a note without a word that we know was left by a process that died.
std::string_view word_of(StoreTrouble trouble) {
  switch (trouble) {
    case StoreTrouble::kDamaged:
      return kDamaged;
    case StoreTrouble::kOther:
      return kOther;
    case StoreTrouble::kAborted:
      return "aborted";
  }
  CHECK(false);
}

// "3.aside-20261224T060000Z", in the order of the names also that of time.
fs::path aside_of(const fs::path& folder, UnixMillis now) {
  const std::string time = absl::FormatTime("%Y%m%dT%H%M%SZ", absl::FromUnixMillis(now), absl::UTCTimeZone());
  const fs::path first = fmt::format("{}.aside-{}", folder.string(), time);
  fs::path aside = first;
  std::error_code ignored;
  for (int i = 2; fs::exists(aside, ignored); ++i) aside = fmt::format("{}.{}", first.string(), i);
  return aside;
}

}  // namespace

fs::path note_beside(const fs::path& folder) { return folder.string() + ".unusable"; }

StoreFolder::StoreFolder(const fs::path& directory, Partition partition, Metrics& metrics)
    : folder_(directory / std::to_string(partition.value)), partition_(partition), metrics_(metrics, partition) {}

void StoreFolder::condemn(StoreTrouble trouble, const std::string& why) const {
  std::ofstream file(note(), std::ios::trunc);
  file << word_of(trouble) << "\n" << why << "\n";
  if (!file.flush()) log_error("partition {}: cannot write {}: the store is not set aside", partition_.value, note().string());
}

Result<void> StoreFolder::set_aside_if_condemned(UnixMillis now) {
  std::ifstream file(note());
  if (!file) return {};
  std::string word;
  std::string why;
  std::getline(file, word);
  std::getline(file, why);
  if (word.empty()) why = "the process died inside of RocksDB";
  std::error_code error;
  if (fs::exists(folder_, error)) {
    const fs::path aside = aside_of(folder_, now);
    fs::rename(folder_, aside, error);
    if (error) {
      return Error::fatal(fmt::format("partition {}: the local store is of no use ({}), and {} cannot be renamed to {}: {}",
                                      partition_.value, why, folder_.string(), aside.string(), error.message()));
    }
    (word == kDamaged ? metrics_.damaged : word == kOther ? metrics_.other : metrics_.aborted).Increment();
    log_error("partition {}: the local store was of no use: {}. It was set aside as {} and is built again from orders",
              partition_.value, why, aside.string());
  }
  fs::remove(note(), error);
  if (error) return Error::fatal(fmt::format("Cannot remove {}: {}", note().string(), error.message()));
  remove_oldest_aside();
  return {};
}

void StoreFolder::remove_oldest_aside() const {
  std::vector<fs::path> aside;
  std::error_code error;
  const std::string begins_with = folder_.filename().string() + ".aside-";
  for (const auto& entry : fs::directory_iterator(folder_.parent_path(), error)) {
    if (entry.path().filename().string().starts_with(begins_with)) aside.push_back(entry.path());
  }
  std::ranges::sort(aside);
  for (std::size_t i = 0; i + kAsideMax < aside.size(); ++i) {
    fs::remove_all(aside[i], error);
    log_info("partition {}: removed {}, {} newer ones are kept", partition_.value, aside[i].string(), kAsideMax);
  }
}

}  // namespace sluice
