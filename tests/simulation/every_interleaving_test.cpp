// Three purchases, two ledgers and a crash: every schedule within these bounds is run to its end and judged. Where chance picks
// examples, this leaves none out.
//
// A ledger goes from one call of a port to the next, until it rests or is fenced out. Two things interrupt it: it stops before
// a call that touches `orders`, or where it rests or has died, and the other one goes on; or it dies. Tried are all schedules
// with at most two interruptions, one death among them or none, and of one purchase instead of three all with two stops and a
// death. In each of them
//   - a purchase comes before any call of either ledger that reads `intents`;
//   - a ledger dies before or after any of its calls that leaves something behind, or with its request on the way, which then
//     arrives before any later call that writes to `orders`, or never.
// What lies between comes to the same: the other ledger notices nothing of a call that does not touch `orders`, nobody notices
// a purchase before the next one reads, and who dies at a call that only reads leaves what there was before it. Where a ledger
// can go no further, the other one goes on, which is no interruption.
//
// Drawn, once for each schedule, is how many messages a poll brings, whether it tells the end of `orders`, when appended
// records are sent, and when the commit beside a lane takes place. Of the log nothing is late here but that request: readers
// that lag and late markers are left to chance (world.h).
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/check.h"
#include "schemas/intent_format.h"
#include "schemas/partitioner.h"
#include "tests/simulation/ending.h"
#include "tests/simulation/owner.h"
#include "tests/simulation/simulated_producer.h"

namespace sluice::simulation {
namespace {

constexpr int kStopsMax = 2;
constexpr int kMovesMax = 2'000;
constexpr int kResumesMax = 20;  // from one call of a ledger to the next
constexpr int kPollsInVain = 8;  // of `orders`: more than it takes to be told of an end that is there
constexpr int kViewRowsMax = 400;
constexpr UnixMillis kNow = 1'790'000'000'000;

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

// A walk through all sequences of choices, depth first: each run repeats the one before up to the last choice that has another
// possibility, takes that, and from there on the first of each.
class Choices {
 public:
  // 0 .. count-1. REQUIRES: what is asked follows from the answers before.
  int choose(int count) {
    if (asked_ == path_.size()) path_.push_back({0, count});
    CHECK(path_[asked_].count == count);
    return path_[asked_++].taken;
  }

  // To the next sequence. False: that was the last one.
  bool advance() {
    CHECK(asked_ == path_.size());
    asked_ = 0;
    while (!path_.empty() && path_.back().taken + 1 == path_.back().count) path_.pop_back();
    if (path_.empty()) return false;
    ++path_.back().taken;
    return true;
  }

 private:
  struct Choice {
    int taken;
    int count;
  };

  std::vector<Choice> path_;
  std::size_t asked_ = 0;
};

bool reads_intents(Step step) { return step == Step::kIntentsRange || step == Step::kIntentsPoll; }

bool writes_orders(Step step) {
  return step == Step::kAcquire || step == Step::kAppend || step == Step::kFlush || step == Step::kCommit;
}

bool touches_orders(Step step) {
  return writes_orders(step) || step == Step::kOrdersRange || step == Step::kOrdersLocate || step == Step::kOrdersPoll;
}

bool leaves_something(Step step) {
  return writes_orders(step) || step == Step::kRedoWrite || step == Step::kRedoPublish || step == Step::kStoreWrite ||
         step == Step::kPublish;
}

struct Bounds {
  int purchases = 0;
  int interruptions = 0;
};

class SmallWorld {
 public:
  SmallWorld(const Bounds& bounds, Choices& choices)
      : bounds_(bounds),
        choices_(choices),
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
    for (const char* name : {"ledger-1", "ledger-2"}) {
      owners_.push_back(std::make_unique<Owner>(surroundings_, name));
      owners_.back()->assign(++assignments_);
    }
    plan_.strike_by([this](Step step) { return strike(step); });
    append_intent(surroundings_, sale(2));  // of three purchases one is too many
  }

  // Throws Violation.
  void run() {
    for (int move = 0; move < kMovesMax; ++move) {
      if (!can_go_on(mover_) && !can_go_on(1 - mover_)) {
        if (has_ended()) return judge();
        owners_[0]->assign(++assignments_);  // nobody owns it any more: both were fenced out
        continue;
      }
      choose_mover();
      go_on();
    }
    throw Violation("it does not come to an end");
  }

  // What was chosen, in words.
  const std::string& told() const { return told_; }

 private:
  struct Course {
    std::optional<Step> before;  // the call that the ledger makes when it goes on
    bool rests = false;          // it has decided and handed on whatever it found
    int polls = 0;               // of `orders`, since it met something there
  };

  bool can_go_on(std::size_t which) const {
    return owners_[which]->wants_to_run() && !lacks_an_end(which) && !(lacks_intents(which) && arrived_ == bounds_.purchases);
  }

  // It would only ask in vain whether there are more.
  bool lacks_intents(std::size_t which) const {
    return courses_[which].rests && owners_[which]->reads_from(0) == static_cast<Offset>(broker_.intents.log.size());
  }

  // Its start waits for the end of the other one's transaction.
  bool lacks_an_end(std::size_t which) const {
    return courses_[which].polls > kPollsInVain && broker_.orders.stable_end() < broker_.orders.end();
  }

  bool may_interrupt() const { return stops_ + deaths_ < bounds_.interruptions; }

  void choose_mover() {
    const Course& course = courses_[mover_];
    if (can_go_on(mover_)) {
      const bool may_stop = !course.before || course.rests || touches_orders(*course.before);
      if (!may_stop || stops_ == kStopsMax || !may_interrupt() || !can_go_on(1 - mover_)) return;
      if (choices_.choose(2) == 0) return;
      ++stops_;
    }
    told_ += fmt::format("ledger {} stops before {}; ", mover_ + 1, course.before ? name_of(*course.before) : "its start");
    mover_ = 1 - mover_;
  }

  // To its next call, or to its end.
  void go_on() {
    Course& course = courses_[mover_];
    Owner& owner = *owners_[mover_];
    if (course.before && writes_orders(*course.before)) let_request_arrive(*course.before);
    if (course.before && reads_intents(*course.before)) let_purchases_arrive();
    course.before.reset();
    course.rests = dies_ = false;
    for (int i = 0; i < kResumesMax && !course.before && !dies_ && owner.wants_to_run(); ++i) {
      ++surroundings_.turn;
      owner.life().wake();
      owner.life().resume();
      owner.work_on_view();
      witness_.look();
      course.rests = course.rests || owner.rests();
    }
  }

  void let_purchases_arrive() {
    const int least = lacks_intents(mover_) ? 1 : 0;
    const int count = least + choices_.choose(bounds_.purchases - arrived_ - least + 1);
    if (count == 0) return;
    told_ += fmt::format("{} purchases come before ledger {} reads; ", count, mover_ + 1);
    for (int i = 0; i < count; ++i) append_intent(surroundings_, purchase(arrived_++));
  }

  // What a dead ledger had sent. Once its epoch is fenced that can do no harm, whenever it comes.
  void let_request_arrive(Step before) {
    if (broker_.in_flight.empty()) return;
    if (!sender_is_fenced_ && choices_.choose(2) == 0) {
      sender_is_fenced_ = before == Step::kAcquire && sent_last_ != Step::kAcquire;
      return;
    }
    told_ += fmt::format("what was on the way comes before ledger {} makes its {}; ", mover_ + 1, name_of(before));
    const auto late = std::move(broker_.in_flight.front());
    broker_.in_flight.pop_front();
    late();
  }

  // At every call of the ledger that goes on.
  Fault strike(Step step) {
    Course& course = courses_[mover_];
    course.before = step;
    if (step != Step::kViewAsked) course.polls = step == Step::kOrdersPoll ? course.polls + 1 : 0;
    if (deaths_ > 0 || !may_interrupt() || !leaves_something(step)) return Fault::kNone;
    static constexpr std::array kPossible = {Fault::kNone, Fault::kCrashBefore, Fault::kCrashAfter, Fault::kCrashLate};
    const int count = can_strike(step, Fault::kCrashLate) ? 4 : 3;
    const Fault fault = kPossible[static_cast<std::size_t>(choices_.choose(count))];
    if (fault == Fault::kNone) return fault;
    ++deaths_;
    told_ += fmt::format("ledger {}: {} at {}; ", mover_ + 1, name_of(fault), name_of(step));
    sent_last_ = step;
    if (fault == Fault::kCrashAfter) return fault;
    course.before.reset();
    dies_ = true;
    return fault;
  }

  bool has_ended() const {
    const auto all = static_cast<Offset>(broker_.intents.log.size());
    if (arrived_ < bounds_.purchases || witness_.next() < all) return false;
    for (std::size_t i = 0; i < owners_.size(); ++i) {
      if (courses_[i].rests && stored_next(owners_[i]->disk().rows) == all) return true;
    }
    return false;
  }

  void judge() {
    for (const auto& owner : owners_) {
      for (int i = 0; i < kViewRowsMax && owner->work_on_view(); ++i) {
      }
    }
    Ending(surroundings_, owners_).judge();
  }

  const Bounds bounds_;
  Choices& choices_;
  Dice dice_;
  SimulatedBroker broker_;
  Witness witness_;
  SharedView view_;
  FaultPlan plan_;
  Surroundings surroundings_;
  std::array<Course, 2> courses_ = {};
  std::size_t mover_ = 0;
  std::int64_t assignments_ = 0;
  int stops_ = 0;
  int deaths_ = 0;
  int arrived_ = 0;  // purchases
  bool dies_ = false;
  std::optional<Step> sent_last_;  // by the ledger that died
  bool sender_is_fenced_ = false;
  std::string told_;
  std::vector<std::unique_ptr<Owner>> owners_;  // last: their lanes use all of the above
};

// How many schedules there are. Says which it was if one breaks a promise, and goes no further.
std::int64_t try_all(const Bounds& bounds) {
  Choices choices;
  std::int64_t schedules = 0;
  do {
    SmallWorld world(bounds, choices);
    try {
      world.run();
    } catch (const std::exception& broken) {
      ADD_FAILURE() << broken.what() << "; " << world.told();
      return schedules;
    }
    ++schedules;
  } while (choices.advance());
  fmt::print("{} schedules of {} purchases with up to {} interruptions\n", schedules, bounds.purchases, bounds.interruptions);
  return schedules;
}

TEST(EveryInterleavingTest, OfThreePurchasesTwoLedgersAndTwoInterruptionsKeepsEveryPromise) {
  EXPECT_GT(try_all({.purchases = 3, .interruptions = 2}), 100'000);
}

TEST(EveryInterleavingTest, OfOnePurchaseTwoLedgersTwoStopsAndACrashKeepsEveryPromise) {
  EXPECT_GT(try_all({.purchases = 1, .interruptions = kStopsMax + 1}), 10'000);
}

}  // namespace
}  // namespace sluice::simulation
