// Shell: how a test waits for what it can only ask for, such as the state of another thread. The only place that pauses; who
// can wait for the thing itself does that.
#pragma once

#include <chrono>
#include <thread>

namespace sluice {

// Whether `condition` comes to hold in a time that is only ever used up by a failure.
template <typename Condition>
bool comes_true(Condition condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

}  // namespace sluice
