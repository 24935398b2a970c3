#include "tests/bench/ticker.h"

#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>

#include "runtime/check.h"
#include "runtime/clock.h"

namespace sluice::bench {
namespace {

constexpr std::int64_t kTickNanos = 1'000'000;
constexpr std::int64_t kTicksPerSecond = 1'000;

}  // namespace

Ticker::Ticker(std::int64_t per_second)
    : per_tick_(per_second / kTicksPerSecond), timer_(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC)), begun_ns_(steady_nanos()) {
  CHECK(per_tick_ >= 1);
  CHECK(timer_ >= 0);
  const itimerspec every_tick{.it_interval = {0, kTickNanos}, .it_value = {0, kTickNanos}};
  CHECK(timerfd_settime(timer_, 0, &every_tick, nullptr) == 0);
}

Ticker::~Ticker() { close(timer_); }

std::int64_t Ticker::wait(std::int64_t most) {
  std::uint64_t passed = 0;
  CHECK(read(timer_, &passed, sizeof passed) == sizeof passed);
  ticks_ += static_cast<std::int64_t>(passed);
  return std::min(ticks_ * per_tick_, most);
}

std::int64_t Ticker::due_ns(std::int64_t number) const { return begun_ns_ + (number / per_tick_ + 1) * kTickNanos; }

}  // namespace sluice::bench
