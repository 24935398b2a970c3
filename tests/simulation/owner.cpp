#include "tests/simulation/owner.h"

#include <fmt/format.h>

#include <utility>

#include "ledger/store_rows.h"

namespace sluice::simulation {
namespace {

// Clears what points at a lane when that lane is gone, however it went.
template <typename T>
class Pointing {
 public:
  Pointing(T*& pointer, T& target) : pointer_(pointer) { pointer_ = &target; }
  ~Pointing() { pointer_ = nullptr; }
  Pointing(const Pointing&) = delete;
  Pointing& operator=(const Pointing&) = delete;

 private:
  T*& pointer_;
};

}  // namespace

Owner::Owner(Surroundings& surroundings, std::string name)
    : surroundings_(surroundings),
      name_(std::move(name)),
      life_(
          surroundings, [this] { run_lane(); }, [this] { leave_remains(); }) {}

bool Owner::work_on_view() { return view_ != nullptr && view_->work(); }

void Owner::overflow_view() {
  if (view_ != nullptr) view_->overflow();
}

void Owner::run_lane() {
  while (!wants_to_run()) life_.pause();
  const std::int64_t assigned = assigned_;
  SimulatedBroker& broker = surroundings_.broker;
  const auto redoing = [this] { return lane_ == nullptr || !lane_->running(); };
  SimulatedIntentLog intents(broker, life_.calls());
  SimulatedOrderLog orders(broker, life_.calls());
  SimulatedOrderWriter writer(broker, life_.calls());
  SimulatedStore store(disk_, broker, life_.calls(), redoing, [this](const RowWrites& writes) { judge_write(writes); });
  SimulatedView view(surroundings_.view, broker, store, life_.calls(), redoing);
  Lane lane(surroundings_.identity, surroundings_.settings, intents, orders, writer, store, view);
  const Pointing<const Lane> lane_pointer(lane_, lane);
  const Pointing<SimulatedView> view_pointer(view_, view);
  for (;;) {
    found_nothing_ = false;
    const Result<int> decided = lane.poll_once(surroundings_.now);
    if (!decided) {
      last_error_ = decided.error().message;
      const bool mends_itself = last_error_.find("ahead of this machine's clock") != std::string::npos;
      if (decided.error().kind == Error::Kind::kFatal && !mends_itself) {
        throw Violation("a lane gave up for good: " + last_error_);
      }
      if (decided.error().kind != Error::Kind::kFenced) return;
      ++broker.happenings[Happening::kFencedOut];
      fenced_on_ = assigned;
      return;
    }
    if (*decided > 0) ++cycles_;
    found_nothing_ = lane.running() && *decided == 0;
    life_.pause();
  }
}

// A crash of the machine may take the store with it.
void Owner::leave_remains() {
  last_error_ = "crash";
  Dice& dice = surroundings_.dice;
  if (!surroundings_.plan.active()) return;
  if (dice.chance(0.1)) {
    disk_.rows.clear();
    disk_.copies.clear();
    ++surroundings_.broker.happenings[Happening::kStoreLost];
  } else if (!disk_.copies.empty() && dice.chance(0.2)) {
    disk_.rows = dice.chance(0.5) ? disk_.copies.front() : disk_.copies.back();
    ++surroundings_.broker.happenings[Happening::kStoreOlder];
  }
}

// Nothing uncommitted ever reaches a store.
void Owner::judge_write(const RowWrites& writes) const {
  surroundings_.witness.look();
  const Offset decided = surroundings_.witness.next();
  for (const auto& [key, value] : writes.puts) {
    v1::StoredProgress progress;
    if (key != kProgressRow || !progress.ParseFromString(value)) continue;
    if (progress.next_offset() > decided) {
      throw Violation(fmt::format("{} stores a ruling on intent {}, but orders is committed only up to {}", name_,
                                  progress.next_offset() - 1, decided - 1));
    }
  }
}

}  // namespace sluice::simulation
