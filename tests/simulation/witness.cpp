#include "tests/simulation/witness.h"

#include <fmt/format.h>

#include <utility>

#include "tests/simulation/faults.h"

namespace sluice::simulation {

Witness::Witness(oracle::Place place, const SimulatedOrders& orders, const SimulatedIntents& intents, Hear hear)
    : orders_(orders), intents_(intents), hear_(std::move(hear)), judge_(std::move(place)) {}

void Witness::look() {
  seen_ = orders_.read_decided(seen_, [this](UnixMillis append_time, const std::string& bytes) { take(append_time, bytes); });
}

void Witness::take(UnixMillis append_time, const std::string& bytes) {
  if (!record_.ParseFromString(bytes)) {
    throw Violation(fmt::format("after intent {} there are bytes that are no record", next_ - 1));
  }
  if (const std::string problem = invariants_.broken_by(record_); !problem.empty()) throw Violation(problem);
  if (const std::string problem = judge_.contradiction(record_, intents_.log); !problem.empty()) throw Violation(problem);
  next_ = judge_.model().next();
  records_.push_back(&bytes);
  hear_(record_, append_time);
}

}  // namespace sluice::simulation
