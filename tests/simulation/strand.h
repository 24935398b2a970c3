// Shell: a thread of execution that runs only while it is given its turn, on a stack of its own in the one thread there is: so
// that several processes can stop in the middle of any call, a switch costs nanoseconds, and a seed decides every interleaving.
#pragma once

#include <csetjmp>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>

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

  // By the body: gives the turn back, and returns at the next resume. REQUIRES: not inside a catch block, since the two stacks
  // share the language's memory of what is being caught.
  void pause();

 private:
  struct Unwound {};
  struct Stack;

  static void enter(unsigned high, unsigned low);
  void begin();
  void run();
  void switch_to_body();
  void switch_to_owner();

  std::function<void()> body_;
  std::unique_ptr<Stack> stack_;  // none before the first resume
  bool ended_ = false;
  bool unwinding_ = false;
  std::exception_ptr thrown_;
  std::jmp_buf owner_;
  std::jmp_buf inside_;
};

}  // namespace sluice::simulation
