#include "ingest/pace.h"

#include <algorithm>

namespace sluice {
namespace {

constexpr UnixMillis kSpanMillis = 200;
constexpr double kWeightOfSpan = 0.3;
constexpr double kSlowestRate = 0.01;  // keeps the estimate finite when the ledger stands still
constexpr double kMillisPerSecond = 1000;

}  // namespace

void Pace::appended(Offset offset) { end_ = std::max(end_, offset + 1); }

void Pace::decided(Offset next, UnixMillis now) {
  const bool waiting_before = next_ < end_;
  next_ = std::max(next_, next);
  if (!waiting_before || now < span_began_) {
    span_began_ = 0;
    return;
  }
  if (span_began_ == 0) {
    span_began_ = now;
    span_next_ = next_;
    return;
  }
  if (now - span_began_ < kSpanMillis) return;
  const double seconds = static_cast<double>(now - span_began_) / kMillisPerSecond;
  const double rate = static_cast<double>(next_ - span_next_) / seconds;
  if (rate_ == 0) {
    rate_ = rate;  // and while nothing has ever been decided, it stays unknown
  } else {
    rate_ = std::max(rate_ + kWeightOfSpan * (rate - rate_), kSlowestRate);
  }
  span_began_ = now;
  span_next_ = next_;
}

std::optional<double> Pace::eta_seconds(Offset offset) const {
  if (rate_ == 0) return std::nullopt;
  return static_cast<double>(place(offset) + 1) / rate_;
}

}  // namespace sluice
