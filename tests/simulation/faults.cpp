#include "tests/simulation/faults.h"

#include <algorithm>
#include <vector>

namespace sluice::simulation {
namespace {

constexpr std::array<std::string_view, kStepCount> kStepNames = {"acquire",
                                                                 "orders range",
                                                                 "store scan",
                                                                 "orders locate",
                                                                 "orders start",
                                                                 "orders poll",
                                                                 "store write (redo)",
                                                                 "publish (redo)",
                                                                 "intents range",
                                                                 "intents start",
                                                                 "intents poll",
                                                                 "store get",
                                                                 "view asked",
                                                                 "begin",
                                                                 "append",
                                                                 "flush",
                                                                 "commit",
                                                                 "store write",
                                                                 "publish",
                                                                 "sink: position",
                                                                 "sink: sales",
                                                                 "sink: start",
                                                                 "sink: poll",
                                                                 "sink: begin",
                                                                 "sink: upsert",
                                                                 "sink: letters",
                                                                 "sink: commit",
                                                                 "reaper: bounds",
                                                                 "reaper: mark",
                                                                 "reaper: start",
                                                                 "reaper: poll",
                                                                 "reaper: due ends",
                                                                 "reaper: due",
                                                                 "reaper: keep",
                                                                 "ingest: append",
                                                                 "ingest: ends",
                                                                 "ingest: tail",
                                                                 "ingest: ask view",
                                                                 "ingest: view told",
                                                                 "ingest: answer"};

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
    case Step::kSinkSales:
    case Step::kSinkPosition:
    case Step::kSinkStart:
    case Step::kReaperBounds:
      return 2.5;
    case Step::kSinkBegin:
    case Step::kReaperMark:
    case Step::kReaperStart:
    case Step::kStoredAsk:
      return 5;
    case Step::kSinkCommit:
    case Step::kDueAppend:
    case Step::kMarksKeep:
      return 6;
    case Step::kSinkLetters:
      return 15;
    default:
      return 1;
  }
}

}  // namespace

std::string_view name_of(Step step) { return kStepNames[static_cast<std::size_t>(step)]; }
std::string_view name_of(Fault fault) { return kFaultNames[static_cast<std::size_t>(fault)]; }

bool can_strike(Step step, Fault fault) {
  const auto is = [step](std::initializer_list<Step> any) { return std::find(any.begin(), any.end(), step) != any.end(); };
  const bool cannot_fail = is({Step::kRedoPublish, Step::kPublish, Step::kViewAsked, Step::kIngestAppend, Step::kStoredAsk,
                               Step::kStoredAnswers, Step::kAnswer});
  const bool request =
      is({Step::kAcquire, Step::kAppend, Step::kFlush, Step::kCommit, Step::kSinkLetters, Step::kSinkCommit, Step::kMarksKeep});
  const bool crash_late = is({Step::kDueAppend, Step::kIngestAppend});
  // What a reaper's producer refuses it will not write: no other error is possible.
  if (step == Step::kDueAppend && fault == Fault::kErrorAfter) return false;
  switch (fault) {
    case Fault::kNone:
    case Fault::kCount:
      return false;
    case Fault::kErrorBefore:
    case Fault::kErrorAfter:
      return !cannot_fail;
    case Fault::kCrashLate:
      return request || crash_late;
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
  const Fault fault = choose_ ? choose_(step) : draw_by_chance(step);
  if (fault != Fault::kNone) ++table_.at(step, fault);
  return fault;
}

Fault FaultPlan::draw_by_chance(Step step) {
  if (!dice_.chance(rate_ * weight_of(step))) return Fault::kNone;
  std::vector<Fault> possible;
  for (int i = 0; i < kFaultCount; ++i) {
    if (can_strike(step, static_cast<Fault>(i))) possible.push_back(static_cast<Fault>(i));
  }
  return dice_.pick(possible);
}

}  // namespace sluice::simulation
