// Adapter (Linux epoll and eventfd): lets one thread sleep until any of several things has happened.
#pragma once

#include <chrono>

namespace sluice {

class Doorbell {
 public:
  Doorbell();
  ~Doorbell();
  Doorbell(const Doorbell&) = delete;
  Doorbell& operator=(const Doorbell&) = delete;

  // An eventfd: whoever counts it up, from any thread, ends the wait.
  int descriptor() const { return bell_; }
  void ring() const;

  // The wait ends as well while `descriptor` is readable. It must stay open as long as this lives.
  void watch(int descriptor) const;

  void wait(std::chrono::milliseconds longest) const;

 private:
  int bell_;
  int poll_;
};

}  // namespace sluice
