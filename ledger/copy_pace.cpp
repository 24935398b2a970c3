#include "ledger/copy_pace.h"

#include <algorithm>

namespace sluice {

std::chrono::nanoseconds CopyPace::rest(std::chrono::nanoseconds worked, Instant now) {
  if (now - window_begin_ >= kWindow) {
    const std::int64_t decided = decided_.load(std::memory_order_relaxed);
    const double seconds = std::chrono::duration<double>(now - window_begin_).count();
    is_rush_ = static_cast<double>(decided - decided_before_) > static_cast<double>(kRushIntentsPerSecond) * seconds;
    window_begin_ = now;
    decided_before_ = decided;
  }
  if (!is_rush_) return {};
  return std::min<std::chrono::nanoseconds>(worked * kRestPerWork, kRestMax);
}

}  // namespace sluice
