#include "tests/simulation/faults.h"

#include <vector>

namespace sluice::simulation {
namespace {

constexpr std::array<std::string_view, kStepCount> kStepNames = {
    "acquire",        "orders range",  "store scan",    "orders locate", "orders start", "orders poll", "store write (redo)",
    "publish (redo)", "intents range", "intents start", "intents poll",  "store get",    "view asked",  "begin",
    "append",         "flush",         "commit",        "store write",   "publish"};

constexpr std::array<std::string_view, kFaultCount> kFaultNames = {"none",        "crash before", "crash after",
                                                                   "crash, late", "error before", "error after",
                                                                   "error, late", "pause before", "pause after"};

// Calls that are made often get fewer faults each, rare ones more, so that every cell of the table fills.
double weight_of(Step step) {
  switch (step) {
    case Step::kAppend:
      return 0.25;
    case Step::kStoreScan:
      return 0.5;
    case Step::kCommit:
      return 3;
    case Step::kAcquire:
    case Step::kOrdersRange:
    case Step::kOrdersLocate:
    case Step::kOrdersStart:
    case Step::kIntentsRange:
    case Step::kIntentsStart:
    case Step::kRedoWrite:
    case Step::kRedoPublish:
      return 2.5;
    default:
      return 1;
  }
}

}  // namespace

std::string_view name_of(Step step) { return kStepNames[static_cast<std::size_t>(step)]; }
std::string_view name_of(Fault fault) { return kFaultNames[static_cast<std::size_t>(fault)]; }

bool can_strike(Step step, Fault fault) {
  const bool cannot_fail = step == Step::kRedoPublish || step == Step::kPublish || step == Step::kViewAsked;
  const bool request = step == Step::kAcquire || step == Step::kAppend || step == Step::kFlush || step == Step::kCommit;
  switch (fault) {
    case Fault::kNone:
    case Fault::kCount:
      return false;
    case Fault::kErrorBefore:
    case Fault::kErrorAfter:
      return !cannot_fail;
    case Fault::kCrashLate:
    case Fault::kErrorLate:
      return request;
    default:
      return true;
  }
}

void FaultTable::add(const FaultTable& other) {
  for (std::size_t step = 0; step < counts.size(); ++step) {
    for (std::size_t fault = 0; fault < counts[step].size(); ++fault) counts[step][fault] += other.counts[step][fault];
  }
}

Fault FaultPlan::draw(Step step) {
  if (!dice_.chance(rate_ * weight_of(step))) return Fault::kNone;
  std::vector<Fault> possible;
  for (int i = 0; i < kFaultCount; ++i) {
    if (can_strike(step, static_cast<Fault>(i))) possible.push_back(static_cast<Fault>(i));
  }
  const Fault fault = dice_.pick(possible);
  ++table_.at(step, fault);
  return fault;
}

}  // namespace sluice::simulation
