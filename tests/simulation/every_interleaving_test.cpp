// Three purchases, two ledgers and a crash: every interleaving within bounds is run to its end and judged. Where chance picks
// examples, this leaves none out.
//
// The first ledger goes so far, step by step through the calls of its ports; the second is told that it owns the partition, and
// goes so far; then both go on in turn. The crash, before, after or in the middle of a call, takes every call of both. The
// purchases come one by one, at every cycle of the first.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "schemas/intent_format.h"
#include "schemas/partitioner.h"
#include "tests/simulation/ending.h"
#include "tests/simulation/owner.h"
#include "tests/simulation/simulated_producer.h"

namespace sluice::simulation {
namespace {

constexpr int kIntents = 3;
constexpr int kStepsMax = 400;  // of a ledger that does nothing else
constexpr int kRoundsMax = 4'000;
constexpr UnixMillis kNow = 1'790'000'000'000;
constexpr std::array kCrashes = {Fault::kCrashBefore, Fault::kCrashAfter, Fault::kCrashLate};

std::string text_of(v1::Intent intent) {
  intent.set_magic(kIntentMagic);
  return intent.SerializeAsString();
}

std::string sale(std::uint32_t quantity) {
  v1::Intent intent;
  v1::DefineSale& sale = *intent.mutable_define_sale();
  sale.set_sku("mask");
  sale.set_sale_id("friday");
  sale.set_version(1);
  sale.set_currency("EUR");
  sale.set_limit_per_user(1);
  sale.set_hold_seconds(60);
  sale.set_late_payment(v1::LATE_PAYMENT_REFUND);
  v1::Slot& slot = *sale.add_slots();
  slot.set_opens_ms(kNow - 1'000);
  slot.set_closes_ms(kNow + 100'000);
  slot.set_quantity(quantity);
  return text_of(intent);
}

std::string purchase(int buyer) {
  v1::Intent intent;
  v1::Purchase& purchase = *intent.mutable_purchase();
  purchase.set_sku("mask");
  purchase.set_user(fmt::format("buyer-{}", buyer));
  purchase.set_request_key("click");
  purchase.set_quantity(1);
  return text_of(intent);
}

// How one of them goes.
struct Course {
  int first_steps = 0;     // of the first ledger before the second is assigned
  int second_steps = 0;    // of the second one before both go on in turn
  std::int64_t call = -1;  // the crash; -1: none
  Fault crash = Fault::kCrashBefore;
  std::array<int, kIntents> arrivals = {};  // at which step of the first ledger, or at the end
};

class SmallWorld {
 public:
  explicit SmallWorld(const Course& course)
      : course_(course),
        dice_(1),
        broker_{.dice = dice_, .orders = SimulatedOrders(), .intents = {}, .generation = {1}, .calm = true},
        witness_(
            {.partition = 0, .partition_count = 1, .generation = 1, .partition_of_key = [](std::string_view) { return 0; }},
            broker_.orders, broker_.intents, [](const v1::OrderRecord&, UnixMillis) {}),
        view_(&witness_),
        plan_(dice_, 0),
        surroundings_{.dice = dice_,
                      .plan = plan_,
                      .broker = broker_,
                      .witness = witness_,
                      .view = view_,
                      .identity = {.partition = {0}, .generation = {1}, .partition_count = 1},
                      .settings = {.batch_intents_max = 2, .piece_intents_max = 2, .rush_intents_min = 1},
                      .restlessness = 1,  // it stops at every call, before and after
                      .now = kNow} {
    for (const char* name : {"ledger-1", "ledger-2"}) owners_.push_back(std::make_unique<Owner>(surroundings_, name));
    plan_.strike_once(course.call, course.crash);
    append_intent(surroundings_, sale(2));  // one purchase too many
  }

  // How many calls the ledgers made. Throws Violation.
  std::int64_t run() {
    owners_[0]->assign(1);
    for (int step = 0; step < course_.first_steps; ++step) go_on(0, step);
    owners_[1]->assign(2);
    for (int step = 0; step < course_.second_steps; ++step) go_on(1, kStepsMax);
    let_arrive(kStepsMax);
    for (int round = 0; round < kRoundsMax; ++round) {
      go_on(0, kStepsMax);
      go_on(1, kStepsMax);
      if (round == kRoundsMax / 2) owners_[0]->assign(3);  // nobody owns it any more, if both were fenced out
      if (has_ended()) return judge();
    }
    throw Violation("it does not come to an end");
  }

 private:
  void let_arrive(int step) {
    while (arrived_ < kIntents && course_.arrivals[static_cast<std::size_t>(arrived_)] <= step) {
      append_intent(surroundings_, purchase(arrived_++));
    }
  }

  void go_on(std::size_t which, int step) {
    let_arrive(step);
    ++surroundings_.turn;
    owners_[which]->life().resume();
    owners_[which]->work_on_view();
    if (!broker_.in_flight.empty()) {
      const auto late = std::move(broker_.in_flight.front());
      broker_.in_flight.pop_front();
      late();
    }
    witness_.look();
  }

  bool has_ended() const {
    const auto all = static_cast<Offset>(broker_.intents.log.size());
    const auto rests = [all](const auto& owner) { return owner->rests() && stored_next(owner->disk().rows) == all; };
    return arrived_ == kIntents && witness_.next() == all && std::any_of(owners_.begin(), owners_.end(), rests);
  }

  std::int64_t judge() {
    for (const auto& owner : owners_) {
      for (int i = 0; i < kStepsMax && owner->work_on_view(); ++i) {
      }
    }
    const std::int64_t calls = plan_.calls();
    plan_.end();
    Ending(surroundings_, owners_).judge();
    return calls;
  }

  const Course course_;
  Dice dice_;
  SimulatedBroker broker_;
  Witness witness_;
  SharedView view_;
  FaultPlan plan_;
  Surroundings surroundings_;
  int arrived_ = 0;
  std::vector<std::unique_ptr<Owner>> owners_;  // last: their lanes use all of the above
};

// Runs one; says which it was if it breaks a promise.
std::int64_t run(const Course& course) {
  try {
    return SmallWorld(course).run();
  } catch (const std::exception& broken) {
    ADD_FAILURE() << broken.what()
                  << fmt::format("; steps {} and {}, crash {} at call {}, arrivals {} {} {}", course.first_steps,
                                 course.second_steps, name_of(course.crash), course.call, course.arrivals[0],
                                 course.arrivals[1], course.arrivals[2]);
    return 0;
  }
}

TEST(EveryInterleavingTest, OfThreePurchasesTwoLedgersAndACrashKeepsEveryPromise) {
  constexpr int kFirstSteps = 60;  // through the start of a lane and three cycles
  constexpr int kSecondStride = 12;
  std::int64_t worlds = 0;
  for (int first = 0; first <= kFirstSteps; first += 3) {
    for (int second = 0; second <= 2 * kSecondStride; second += kSecondStride) {
      for (const std::array<int, kIntents> arrivals :
           {std::array{0, 0, 0}, std::array{0, 30, 45}, std::array{30, 30, kStepsMax},
            std::array{kStepsMax, kStepsMax, kStepsMax}}) {
        Course course{.first_steps = first, .second_steps = second, .arrivals = arrivals};
        const std::int64_t calls = run(course);
        ++worlds;
        for (course.call = 0; course.call < calls; ++course.call) {
          for (const Fault crash : kCrashes) {
            course.crash = crash;
            run(course);
            ++worlds;
          }
        }
        if (HasFailure()) return;
      }
    }
  }
  fmt::print("{} interleavings\n", worlds);
  EXPECT_GT(worlds, 10'000);
}

}  // namespace
}  // namespace sluice::simulation
