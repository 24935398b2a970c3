#include "tests/simulation/strand.h"

#include <ucontext.h>

#include <cstdint>
#include <utility>
#include <vector>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/common_interface_defs.h>
#endif

namespace sluice::simulation {
namespace {

#ifdef __SANITIZE_ADDRESS__
constexpr std::size_t kStackBytes = 1 << 20;  // a sanitizer's frames are large
#else
constexpr std::size_t kStackBytes = 1 << 18;
#endif
constexpr int kHalfBits = 32;  // of a pointer, which makecontext takes as two ints

// Stacks are used again by the strands of the next world: their pages stay mapped.
std::vector<std::unique_ptr<std::byte[]>>& spare_stacks() {
  static std::vector<std::unique_ptr<std::byte[]>> spare;
  return spare;
}

}  // namespace

// What a sanitizer has to know of a switch stands beside it; without one there is nothing to do.
struct Strand::Stack {
  std::unique_ptr<std::byte[]> bytes;
  const void* owners_bottom = nullptr;
  std::size_t owners_size = 0;
  void* fake_of_owner = nullptr;
  void* fake_of_body = nullptr;

  Stack() {
    if (spare_stacks().empty()) {
      bytes = std::make_unique_for_overwrite<std::byte[]>(kStackBytes);
    } else {
      bytes = std::move(spare_stacks().back());
      spare_stacks().pop_back();
    }
  }
  ~Stack() { spare_stacks().push_back(std::move(bytes)); }
  Stack(const Stack&) = delete;
  Stack& operator=(const Stack&) = delete;

#ifdef __SANITIZE_ADDRESS__
  void before_body() { __sanitizer_start_switch_fiber(&fake_of_owner, bytes.get(), kStackBytes); }
  void after_body() { __sanitizer_finish_switch_fiber(fake_of_owner, nullptr, nullptr); }
  void in_body() { __sanitizer_finish_switch_fiber(fake_of_body, &owners_bottom, &owners_size); }
  void before_owner(bool for_good) {
    __sanitizer_start_switch_fiber(for_good ? nullptr : &fake_of_body, owners_bottom, owners_size);
  }
#else
  void before_body() {}
  void after_body() {}
  void in_body() {}
  void before_owner(bool) {}
#endif
};

Strand::Strand(std::function<void()> body) : body_(std::move(body)) {}

Strand::~Strand() {
  unwinding_ = true;
  if (!ended_ && stack_ != nullptr) switch_to_body();
}

void Strand::resume() {
  if (ended_) return;
  if (stack_ == nullptr) {
    begin();
  } else {
    switch_to_body();
  }
  if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
}

void Strand::pause() {
  switch_to_owner();
  if (unwinding_) throw Unwound();
}

// makecontext only for the first entry: swapcontext asks the kernel for the mask of signals at every switch, _longjmp does not.
void Strand::begin() {
  stack_ = std::make_unique<Stack>();
  ucontext_t context;
  getcontext(&context);
  context.uc_stack.ss_sp = stack_->bytes.get();
  context.uc_stack.ss_size = kStackBytes;
  context.uc_link = nullptr;
  const auto self = reinterpret_cast<std::uintptr_t>(this);
  makecontext(&context, reinterpret_cast<void (*)()>(&Strand::enter), 2, static_cast<unsigned>(self >> kHalfBits),
              static_cast<unsigned>(self));
  stack_->before_body();
  if (_setjmp(owner_) == 0) setcontext(&context);
  stack_->after_body();
}

void Strand::enter(unsigned high, unsigned low) {
  reinterpret_cast<Strand*>(static_cast<std::uintptr_t>(high) << kHalfBits | low)->run();
}

void Strand::run() {
  stack_->in_body();
  try {
    body_();
  } catch (const Unwound&) {
  } catch (...) {
    thrown_ = std::current_exception();
  }
  ended_ = true;
  stack_->before_owner(true);
  _longjmp(owner_, 1);
}

void Strand::switch_to_body() {
  stack_->before_body();
  if (_setjmp(owner_) == 0) _longjmp(inside_, 1);
  stack_->after_body();
}

void Strand::switch_to_owner() {
  stack_->before_owner(false);
  if (_setjmp(inside_) == 0) _longjmp(owner_, 1);
  stack_->in_body();
}

}  // namespace sluice::simulation
