#include "tests/simulation/strand.h"

#include <utility>

namespace sluice::simulation {

Strand::Strand(std::function<void()> body)
    : thread_([this, run = std::move(body)] {
        turn_of_body_.acquire();
        try {
          if (!unwinding_) run();
        } catch (const Unwound&) {
        } catch (...) {
          thrown_ = std::current_exception();
        }
        ended_ = true;
        turn_of_owner_.release();
      }) {}

Strand::~Strand() {
  unwinding_ = true;
  if (!ended_) {
    turn_of_body_.release();
    turn_of_owner_.acquire();
  }
  thread_.join();
}

void Strand::resume() {
  if (ended_) return;
  turn_of_body_.release();
  turn_of_owner_.acquire();
  if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
}

void Strand::pause() {
  turn_of_owner_.release();
  turn_of_body_.acquire();
  if (unwinding_) throw Unwound();
}

}  // namespace sluice::simulation
