// Shell: what goes wrong in a simulation: at every call that a lane makes of its ports, before and after its effect.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "runtime/result.h"
#include "tests/simulation/dice.h"

namespace sluice::simulation {

// Every call of a port, in the order in which a process makes them: a lane's first.
enum class Step {
  kAcquire,
  kOrdersRange,
  kStoreScan,
  kOrdersLocate,
  kOrdersStart,
  kOrdersPoll,
  kRedoWrite,    // of the store, by redo
  kRedoPublish,  // to the view, by redo
  kIntentsRange,
  kIntentsStart,
  kIntentsPoll,
  kStoreGet,
  kViewAsked,
  kBegin,
  kAppend,
  kFlush,
  kCommit,
  kStoreWrite,
  kPublish,
  // Of a sink
  kSinkPosition,
  kSinkSales,
  kSinkStart,
  kSinkPoll,
  kSinkBegin,
  kSinkUpsert,
  kSinkLetters,
  kSinkCommit,
  // Of a reaper
  kReaperBounds,
  kReaperMark,
  kReaperStart,
  kReaperPoll,
  kDueEnds,
  kDueAppend,
  kMarksKeep,
  // Of an ingest
  kIngestAppend,
  kAppendEnds,
  kTailRead,
  kStoredAsk,
  kStoredAnswers,
  kAnswer,
  kCount,
};

enum class Fault {
  kNone,
  kCrashBefore,  // the process ends before the call has any effect
  kCrashAfter,   // ... when the call has had its effect
  kCrashLate,    // ... and the request is still on its way: it has its effect later, or never
  kErrorBefore,  // the caller gets an error, and there was no effect
  kErrorAfter,   // ... although there was one: the reply was lost
  kErrorLate,    // ... and there may be one later
  kPauseBefore,  // the process stands still for long, and then goes on as if nothing had happened
  kPauseAfter,
  kCount,
};

inline constexpr int kStepCount = static_cast<int>(Step::kCount);
inline constexpr int kFaultCount = static_cast<int>(Fault::kCount);

std::string_view name_of(Step step);
std::string_view name_of(Fault fault);

// Whether the fault has a meaning at this step.
bool can_strike(Step step, Fault fault);

struct FaultTable {
  std::array<std::array<std::int64_t, kFaultCount>, kStepCount> counts = {};

  std::int64_t& at(Step step, Fault fault) { return counts[static_cast<std::size_t>(step)][static_cast<std::size_t>(fault)]; }
  std::int64_t at(Step step, Fault fault) const {
    return counts[static_cast<std::size_t>(step)][static_cast<std::size_t>(fault)];
  }
  void add(const FaultTable& other);
};

// Thrown through the lane: its process is gone.
struct Crash {};

// A promise was broken; what() says which, without the seed.
struct Violation : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Decides by chance what strikes next.
class FaultPlan {
 public:
  // `rate`: probability of a fault at a call.
  FaultPlan(Dice& dice, double rate) : dice_(dice), rate_(rate) {}

  Fault draw(Step step);
  void end() { rate_ = 0; }
  // Instead of chance: asked at every call. REQUIRES of what it chooses: kNone, or can_strike.
  void strike_by(std::function<Fault(Step)> choose) { choose_ = std::move(choose); }
  bool active() const { return rate_ > 0; }

  const FaultTable& table() const { return table_; }

 private:
  Fault draw_by_chance(Step step);

  Dice& dice_;
  double rate_;
  std::function<Fault(Step)> choose_;
  FaultTable table_;
};

// The calls of one process, wrapped in the plan's faults.
class FaultyCalls {
 public:
  // `let_others_run` is called around calls; with true if the process is to stand still for long.
  FaultyCalls(FaultPlan& plan, std::function<void(bool)> let_others_run)
      : plan_(plan), let_others_run_(std::move(let_others_run)) {}

  // Makes `call`, with a fault. `send_late` is what remains of it, if only the request got away.
  template <typename Call, typename SendLate>
  auto make(Step step, Call call, SendLate send_late) -> std::invoke_result_t<Call> {
    const Fault fault = plan_.draw(step);
    if (fault == Fault::kCrashLate || fault == Fault::kErrorLate) send_late();
    if (fault == Fault::kCrashBefore || fault == Fault::kCrashLate) throw Crash();
    if constexpr (!kCannotFail<std::invoke_result_t<Call>>) {
      if (fault == Fault::kErrorBefore || fault == Fault::kErrorLate) return Error::retryable("simulated error");
    }
    let_others_run_(fault == Fault::kPauseBefore);
    if constexpr (std::is_void_v<std::invoke_result_t<Call>>) {
      call();
      if (fault == Fault::kCrashAfter) throw Crash();
      let_others_run_(fault == Fault::kPauseAfter);
    } else {
      auto result = call();
      if (fault == Fault::kCrashAfter) throw Crash();
      if constexpr (!kCannotFail<std::invoke_result_t<Call>>) {
        if (fault == Fault::kErrorAfter) return Error::retryable("simulated loss of the reply");
      }
      let_others_run_(fault == Fault::kPauseAfter);
      return result;
    }
  }

  template <typename Call>
  auto make(Step step, Call call) -> std::invoke_result_t<Call> {
    return make(step, call, [] {});
  }

 private:
  template <typename T>
  static constexpr bool kCannotFail = std::is_void_v<T> || std::is_same_v<T, bool>;

  FaultPlan& plan_;
  std::function<void(bool)> let_others_run_;
};

}  // namespace sluice::simulation
