// Shell: a thread that runs only while it is given its turn, so that two ledgers can stop in the middle of any call and a
// seed still decides every interleaving.
#pragma once

#include <exception>
#include <functional>
#include <semaphore>
#include <thread>

namespace sluice::simulation {

class Strand {
 public:
  // `body` begins at the first resume.
  explicit Strand(std::function<void()> body);
  // Unwinds the body, wherever it is.
  ~Strand();
  Strand(const Strand&) = delete;
  Strand& operator=(const Strand&) = delete;

  // Runs the body until it pauses or ends. Rethrows what it threw. REQUIRES: not called by the body.
  void resume();

  // By the body: gives the turn back, and returns at the next resume.
  void pause();

 private:
  struct Unwound {};

  std::binary_semaphore turn_of_body_{0};
  std::binary_semaphore turn_of_owner_{0};
  bool ended_ = false;
  bool unwinding_ = false;
  std::exception_ptr thrown_;
  std::thread thread_;  // last: it uses all the others
};

}  // namespace sluice::simulation
