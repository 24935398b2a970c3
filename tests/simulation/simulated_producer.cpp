#include "tests/simulation/simulated_producer.h"

#include <utility>

namespace sluice::simulation {

Offset append_intent(Surroundings& surroundings, std::string bytes) {
  SimulatedBroker& broker = surroundings.broker;
  const auto offset = static_cast<Offset>(broker.intents.log.size());
  const UnixMillis skew = broker.skew_max == 0 ? 0 : surroundings.dice.between(-broker.skew_max, broker.skew_max);
  broker.intents.log.push_back({surroundings.now + broker.ahead + skew, std::move(bytes)});
  return offset;
}

SimulatedProducer::~SimulatedProducer() {
  for (Sent& sent : sent_) {
    if (sent.ours && surroundings_.dice.chance(0.5)) send_late(std::move(sent.bytes));
  }
}

void SimulatedProducer::send(std::uint64_t id, std::string bytes, bool ours) { sent_.push_back({id, std::move(bytes), ours}); }

void SimulatedProducer::send_late(std::string bytes) {
  surroundings_.broker.in_flight.push_back(
      [&surroundings = surroundings_, late = std::move(bytes)] { append_intent(surroundings, late); });
}

void SimulatedProducer::take_ended(std::vector<End>& into) {
  Dice& dice = surroundings_.dice;
  const bool calm = surroundings_.broker.calm;
  while (!sent_.empty() && (calm || dice.chance(0.7))) {
    Sent sent = std::move(sent_.front());
    sent_.pop_front();
    if (calm || dice.chance(0.93)) {
      into.push_back({sent.id, How::kAcknowledged, write(sent)});
      continue;
    }
    // An error of the broker, or none of its answers came in time.
    const bool known = dice.chance(0.3);
    into.push_back({sent.id, known ? How::kNotWritten : How::kUnknown});
    if (known) continue;
    ++surroundings_.broker.happenings[Happening::kAppendUnknown];
    if (dice.chance(0.5)) {
      write(sent);
    } else if (sent.ours && dice.chance(0.5)) {
      send_late(std::move(sent.bytes));
    }
  }
}

Offset SimulatedProducer::write(const Sent& sent) {
  if (!sent.ours) return static_cast<Offset>(sent.id);
  return append_intent(surroundings_, sent.bytes);
}

}  // namespace sluice::simulation
