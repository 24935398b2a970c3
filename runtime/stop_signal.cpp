#include "runtime/stop_signal.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>

#include "runtime/check.h"

namespace sluice {
namespace {

// -1: no limit.
bool readable(int signals, int asked, int limit_ms) {
  std::array<pollfd, 2> watched = {pollfd{signals, POLLIN, 0}, pollfd{asked, POLLIN, 0}};
  const int ready = ::poll(watched.data(), watched.size(), limit_ms);
  CHECK(ready >= 0 || errno == EINTR);
  return ready > 0;
}

}  // namespace

StopSignal::StopSignal() {
  std::signal(SIGPIPE, SIG_IGN);
  sigset_t stopping;
  sigemptyset(&stopping);
  sigaddset(&stopping, SIGTERM);
  sigaddset(&stopping, SIGINT);
  CHECK(pthread_sigmask(SIG_BLOCK, &stopping, nullptr) == 0);
  signals_ = ::signalfd(-1, &stopping, SFD_CLOEXEC | SFD_NONBLOCK);
  asked_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  CHECK(signals_ >= 0 && asked_ >= 0);
}

StopSignal::~StopSignal() {
  ::close(signals_);
  ::close(asked_);
}

bool StopSignal::wait_for(std::chrono::milliseconds limit) const {
  return readable(signals_, asked_, static_cast<int>(limit.count()));
}

void StopSignal::wait() const {
  while (!readable(signals_, asked_, -1)) {
  }
}

void StopSignal::request() {
  const std::uint64_t one = 1;
  CHECK(::write(asked_, &one, sizeof one) == sizeof one);
}

}  // namespace sluice
