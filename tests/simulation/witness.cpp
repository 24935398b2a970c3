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
  const auto remember = [this](const v1::Verdict& verdict) {
    ruled_.push_back({verdict.outcome(), verdict.reason(), verdict.duplicate_of()});
  };
  for (const v1::Verdict& verdict : record_.unchanged().verdicts()) remember(verdict);
  if (record_.has_change()) remember(record_.change().verdict());
  if (record_.change().has_reserved()) recorded_at_[record_.change().orders(0).id()] = append_time;
  hear_(record_, append_time);
}

}  // namespace sluice::simulation
