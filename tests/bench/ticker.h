// Adapter (Linux): how many of an open loop's messages are due: a rate that goes on whether or not anybody keeps up with it.
#pragma once

#include <cstdint>

namespace sluice::bench {

class Ticker {
 public:
  // Begins now. `per_second` >= 1000: a tick is a millisecond.
  explicit Ticker(std::int64_t per_second);
  ~Ticker();
  Ticker(const Ticker&) = delete;
  Ticker& operator=(const Ticker&) = delete;

  // Waits for the next tick. Returns how many messages have been due since the beginning, at most `most`.
  std::int64_t wait(std::int64_t most);

  // By steady_nanos(), when message `number` (from 0) is due. From any thread.
  std::int64_t due_ns(std::int64_t number) const;

 private:
  const std::int64_t per_tick_;
  const int timer_;
  const std::int64_t begun_ns_;
  std::int64_t ticks_ = 0;
};

}  // namespace sluice::bench
