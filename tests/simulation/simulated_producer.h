// Adapter (simulation): an idempotent producer to `intents`: what it takes is written later, or not, and its end is told later,
// or is not known.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "tests/simulation/surroundings.h"

namespace sluice::simulation {

class SimulatedProducer {
 public:
  enum class How { kAcknowledged, kNotWritten, kUnknown };
  struct End {
    std::uint64_t id = 0;
    How how = How::kUnknown;
    Offset offset = -1;  // where it stands, if it was acknowledged
  };

  explicit SimulatedProducer(Surroundings& surroundings) : surroundings_(surroundings) {}
  // What was not sent yet may still be, by what the process leaves in the network's hands.
  ~SimulatedProducer();
  SimulatedProducer(const SimulatedProducer&) = delete;
  SimulatedProducer& operator=(const SimulatedProducer&) = delete;

  // `ours`: for the partition of this world; others' intents are taken by nobody here.
  void send(std::uint64_t id, std::string bytes, bool ours);
  // It is on its way, and nobody will ask how it ended.
  void send_late(std::string bytes);

  // Adds what has ended since the last call.
  void take_ended(std::vector<End>& into);

 private:
  struct Sent {
    std::uint64_t id;
    std::string bytes;
    bool ours;
  };

  Offset write(const Sent& sent);

  Surroundings& surroundings_;
  std::deque<Sent> sent_;  // in this order, as its sequence numbers say
};

// Appends to `intents` now, stamped by the broker.
Offset append_intent(Surroundings& surroundings, std::string bytes);

}  // namespace sluice::simulation
