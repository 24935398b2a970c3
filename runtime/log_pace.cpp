#include "runtime/log_pace.h"

namespace sluice {

bool LogPace::is_due(const std::string& line) {
  const Instant now = std::chrono::steady_clock::now();
  const std::lock_guard lock(mutex_);
  const auto known = written_.find(line);
  if (known != written_.end() && now - known->second < again_after_) return false;
  if (known == written_.end() && written_.size() >= kLinesMax) written_.clear();
  written_[line] = now;
  return true;
}

void LogPace::forget() {
  const std::lock_guard lock(mutex_);
  written_.clear();
}

}  // namespace sluice
