#include "ingest/doorbell.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "runtime/check.h"

namespace sluice {

Doorbell::Doorbell() : bell_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)), poll_(epoll_create1(EPOLL_CLOEXEC)) {
  CHECK(bell_ >= 0 && poll_ >= 0);
  watch(bell_);
}

Doorbell::~Doorbell() {
  close(poll_);
  close(bell_);
}

void Doorbell::ring() const {
  // Fails only if it has been counted up 2^64 times, and then it is readable as well.
  eventfd_write(bell_, 1);
}

void Doorbell::watch(int descriptor) const {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = descriptor;
  CHECK(epoll_ctl(poll_, EPOLL_CTL_ADD, descriptor, &event) == 0);
}

void Doorbell::wait(std::chrono::milliseconds longest) const {
  std::array<epoll_event, 4> events{};
  const int ready = epoll_wait(poll_, events.data(), static_cast<int>(events.size()), static_cast<int>(longest.count()));
  for (int i = 0; i < ready; ++i) {
    if (events.at(static_cast<std::size_t>(i)).data.fd != bell_) continue;
    eventfd_t count = 0;
    eventfd_read(bell_, &count);
  }
}

}  // namespace sluice
