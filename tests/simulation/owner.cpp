#include "tests/simulation/owner.h"

#include <fmt/format.h>

#include <utility>

#include "ledger/store_rows.h"
#include "tests/simulation/losses.h"
#include "tests/simulation/simulated_background.h"

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
  const std::int64_t begun = surroundings_.turn;
  SimulatedBroker& broker = surroundings_.broker;
  const auto redoing = [this] { return lane_ == nullptr || !lane_->running(); };
  SimulatedIntentLog intents(broker, life_.calls());
  SimulatedOrderLog orders(broker, life_.calls());
  SimulatedOrderWriter writer(broker, life_.calls());
  SimulatedStore store(disk_, broker, life_.calls(), redoing, [this](const RowWrites& writes) { judge_write(writes); });
  SimulatedView view(surroundings_.view, broker, store, life_.calls(), redoing);
  SimulatedBackground background(surroundings_.dice);
  Lane lane(surroundings_.identity, surroundings_.settings, intents, orders, writer, store, view, background);
  const Pointing<const Lane> lane_pointer(lane_, lane);
  const Pointing<SimulatedView> view_pointer(view_, view);
  for (;;) {
    found_nothing_ = false;
    const Result<int> decided = lane.poll_once(surroundings_.now);
    if (!decided) {
      last_error_ = decided.error().message;
      if (decided.error().kind == Error::Kind::kFatal) judge_refusal(begun);
      if (decided.error().kind != Error::Kind::kFenced) return;
      ++broker.happenings[Happening::kFencedOut];
      fenced_on_ = assigned;
      return;
    }
    judge_lane(lane);
    if (*decided > 0) ++cycles_;
    found_nothing_ = lane.running() && *decided == 0 && lane.settled();
    life_.pause();
  }
}

// A person has to look, or a clock to be set right: but what the lane says must be so.
void Owner::judge_refusal(std::int64_t begun) {
  const auto says = [this](std::string_view words) { return last_error_.find(words) != std::string::npos; };
  if (says("ahead of this machine's clock")) return;
  if (disk_.of_another_log && says("orders was cut")) {
    ++surroundings_.broker.happenings[Happening::kStoreRefused];
    return set_store_aside();
  }
  if (is_right_about_a_log(last_error_, surroundings_, begun)) return;
  throw Violation("a lane gave up for good: " + last_error_);
}

void Owner::judge_lane(const Lane& lane) const {
  if (disk_.of_another_log && lane.running()) throw Violation(name_ + " runs a lane by a store of another log");
  const UnixMillis ahead = lane.state().log_time - surroundings_.now;
  if (ahead > surroundings_.settings.log_time_ahead_max.count()) {
    throw Violation(fmt::format("{} has decided by a log time that is {} ms ahead of its clock", name_, ahead));
  }
}

void Owner::set_store_aside() {
  disk_.rows.clear();
  disk_.copies.clear();
  disk_.of_another_log = false;
}

// The folder comes from elsewhere, or the log was replaced by another: it has come to another digest, perhaps farther than
// ours.
void Owner::take_store_of_another_log() {
  Dice& dice = surroundings_.dice;
  const auto row = disk_.rows.find(std::string(kProgressRow));
  v1::StoredProgress progress;
  if (row == disk_.rows.end() || !progress.ParseFromString(row->second)) return;
  progress.set_digest(dice.next());
  if (dice.chance(0.5)) progress.set_next_offset(progress.next_offset() + dice.between(1, 20));
  row->second = progress.SerializeAsString();
  disk_.of_another_log = true;
}

// A crash of the machine may take the store with it.
void Owner::leave_remains() {
  last_error_ = "crash";
  Dice& dice = surroundings_.dice;
  if (!surroundings_.plan.active()) return;
  if (dice.chance(0.1)) {
    set_store_aside();
    ++surroundings_.broker.happenings[Happening::kStoreLost];
  } else if (!disk_.copies.empty() && dice.chance(0.2)) {
    disk_.rows = dice.chance(0.5) ? disk_.copies.front() : disk_.copies.back();
    disk_.of_another_log = false;
    ++surroundings_.broker.happenings[Happening::kStoreOlder];
  } else if (dice.chance(0.05)) {
    take_store_of_another_log();
  }
}

// Nothing uncommitted ever reaches a store.
void Owner::judge_write(const RowWrites& writes) const {
  if (disk_.of_another_log) throw Violation(name_ + " writes on in a store of another log");
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
