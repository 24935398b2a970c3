#include "tests/simulation/world.h"

#include <fmt/format.h>

#include <algorithm>

#include "schemas/partitioner.h"
#include "tests/simulation/ending.h"
#include "tests/simulation/losses.h"

namespace sluice::simulation {
namespace {

constexpr UnixMillis kBeginning = 1'790'000'000'000;
constexpr int kPartitionCount = 4;
constexpr int kCalmTurnsMax = 20'000;  // in which nothing more is decided
constexpr UnixMillis kSkewMillisMax = 300;
constexpr UnixMillis kCalmTurnMillis = 100;
constexpr double kShopShare = 0.2;       // of the worlds
constexpr double kAskedByHttp = 0.7;     // of what is asked there
constexpr UnixMillis kAheadMax = 5'000;  // as the lane has it by default

LedgerIdentity chosen_identity(Dice& dice) {
  return {.partition = {static_cast<std::int32_t>(dice.below(kPartitionCount))},
          .generation = {static_cast<std::int32_t>(dice.between(1, 255))},
          .partition_count = kPartitionCount};
}

LaneSettings chosen_settings(Dice& dice) {
  LaneSettings settings;
  settings.batch_intents_max = static_cast<int>(dice.between(1, 60));
  settings.piece_intents_max = static_cast<int>(dice.between(1, 40));
  settings.rush_intents_min = static_cast<int>(dice.between(1, 40));
  settings.log_time_ahead_max = std::chrono::milliseconds(kAheadMax);
  return settings;
}

oracle::Place place_of(const LedgerIdentity& identity) {
  return {
      .partition = identity.partition.value,
      .partition_count = identity.partition_count,
      .generation = identity.generation.value,
      .partition_of_key = [count = identity.partition_count](std::string_view key) { return partition_of(key, count).value; }};
}

constexpr std::uint64_t kSeedsPerRepetition = 100;

double chosen(Dice& dice, std::initializer_list<double> from) { return dice.pick(std::vector<double>(from)); }

}  // namespace

void WorldReport::add(const WorldReport& other) {
  worlds += other.worlds;
  shops += other.shops;
  cycles += other.cycles;
  repeated += other.repeated;
  intents += other.intents;
  records += other.records;
  faults.add(other.faults);
  happenings.add(other.happenings);
  for (const auto& [ruling, count] : other.rulings) rulings[ruling] += count;
}

World::World(const WorldSettings& settings)
    : settings_(settings),
      dice_(settings.seed),
      broker_{.dice = dice_, .orders = SimulatedOrders(settings.broker), .intents = {}},
      identity_(chosen_identity(dice_)),
      crowd_(dice_, {identity_.partition, identity_.generation, kPartitionCount}),
      witness_(place_of(identity_), broker_.orders, broker_.intents,
               [this](const v1::OrderRecord& record, UnixMillis) { crowd_.hear(record); }),
      view_(&witness_),
      plan_(dice_, chosen(dice_, {0.01, 0.02, 0.03, 0.05})),
      surroundings_{.dice = dice_,
                    .plan = plan_,
                    .broker = broker_,
                    .witness = witness_,
                    .view = view_,
                    .identity = identity_,
                    .settings = chosen_settings(dice_),
                    .restlessness = chosen(dice_, {0.05, 0.2, 0.5}),
                    .now = kBeginning},
      rush_(chosen(dice_, {0.15, 0.5, 2})) {
  view_.lets_older_rows_win = settings.older_rows_win;
  broker_.generation = identity_.generation;
  broker_.skew_max = dice_.chance(0.5) ? 0 : kSkewMillisMax;
  for (const char* name : {"ledger-1", "ledger-2"}) {
    owners_.push_back(std::make_unique<Owner>(surroundings_, name));
    owners_.back()->disk().tears_writes = settings.torn_writes;
  }
  if (settings.shop.value_or(dice_.chance(kShopShare))) {
    static ShopMetrics metrics(kPartitionCount);
    shop_ = std::make_unique<Shop>(surroundings_, crowd_, metrics, settings.shop_habits);
  }
}

// FNV-1a over every record and every count.
std::uint64_t World::digest_of(const WorldReport& report) const {
  std::uint64_t digest = 0xcbf29ce484222325;
  const auto add = [&digest](std::uint64_t word) { digest = (digest ^ word) * 0x100000001b3; };
  for (const std::string* record : witness_.records()) {
    for (const char c : *record) add(static_cast<unsigned char>(c));
  }
  for (const auto& row : report.faults.counts) {
    for (const std::int64_t count : row) add(static_cast<std::uint64_t>(count));
  }
  for (const std::int64_t count : report.happenings.counts) add(static_cast<std::uint64_t>(count));
  add(static_cast<std::uint64_t>(surroundings_.turn));
  return digest;
}

WorldReport World::run() {
  assign_someone();
  while (static_cast<int>(broker_.intents.log.size()) < settings_.intents) turn();
  calm_down();
  finish();

  Ending(surroundings_, owners_).judge();
  if (shop_ != nullptr) shop_->judge();
  WorldReport report;
  report.intents = static_cast<std::int64_t>(broker_.intents.log.size());
  report.records = static_cast<std::int64_t>(witness_.records().size());
  report.shops = shop_ != nullptr ? 1 : 0;
  for (const auto& owner : owners_) report.cycles += owner->cycles();
  report.rulings = witness_.judge().counts();
  report.faults = plan_.table();
  report.happenings = broker_.happenings;
  report.digest = digest_of(report);
  return report;
}

void World::turn() {
  ++surroundings_.turn;
  if (dice_.chance(rush_ / (rush_ + 1))) append_intents();
  if (dice_.chance(0.1)) advance_clock();
  let_something_happen();
  broker_.orders.set_clock(surroundings_.now + broker_.ahead);
  owners_[dice_.below(owners_.size())]->life().resume();
  for (const auto& anyone : owners_) {
    if (dice_.chance(0.5)) anyone->work_on_view();
  }
  if (shop_ != nullptr) shop_->resume_someone();
  witness_.look();
}

void World::let_something_happen() {
  if (dice_.chance(0.25)) deliver_late_request();
  if (dice_.chance(0.3)) broker_.orders.settle();
  if (dice_.chance(0.01)) assign_someone();
  const bool nobody_runs = std::none_of(owners_.begin(), owners_.end(), [](const auto& o) { return o->wants_to_run(); });
  if (nobody_runs && dice_.chance(0.3)) assign_someone();
  let_the_broker_misbehave();
  lose_or_bring_back(surroundings_);
  let_a_store_age();
  if (shop_ != nullptr) shop_->let_something_happen();
}

void World::let_the_broker_misbehave() {
  HappeningCounts& happenings = broker_.happenings;
  if (dice_.chance(0.0015)) {
    ++happenings[Happening::kTransactionExpired];
    broker_.orders.expire();
  }
  if (dice_.chance(0.003)) {
    ++happenings[Happening::kStrangersTransaction];
    broker_.orders.open_strangers_transaction();
  }
  if (dice_.chance(0.05)) broker_.orders.abort_strangers_transaction();
  if (dice_.chance(0.003)) {
    ++happenings[Happening::kIntentsDeleted];
    Offset needed = witness_.next();
    for (const auto& owner : owners_) needed = std::min(needed, owner->reads_from(needed));
    broker_.intents.low = std::max(broker_.intents.low, dice_.between(0, needed));
  }
  if (broker_.ahead == 0 && dice_.chance(0.0005)) {
    ++happenings[Happening::kClockAhead];
    broker_.ahead = dice_.between(kAheadMax, 4 * kAheadMax);
  } else if (dice_.chance(0.1)) {
    broker_.ahead = 0;
  }
}

void World::let_a_store_age() {
  Owner& owner = *owners_[dice_.below(owners_.size())];
  if (dice_.chance(0.02) && !owner.disk().of_another_log) {
    owner.disk().copies.push_back(owner.disk().rows);
    if (owner.disk().copies.size() > 2) owner.disk().copies.pop_front();
  }
  if (dice_.chance(0.002)) {
    ++broker_.happenings[Happening::kViewLost];
    view_.lose();
  }
  if (dice_.chance(0.02)) {
    ++broker_.happenings[Happening::kViewOverflowed];
    owner.overflow_view();
  }
}

// In a shop most of them come by HTTP.
void World::append_intents() {
  const std::int64_t count = dice_.chance(0.1) ? dice_.between(1, 25) : dice_.between(1, 3);
  for (std::int64_t i = 0; i < count; ++i) {
    if (shop_ != nullptr && dice_.chance(kAskedByHttp)) {
      shop_->let_somebody_ask();
    } else {
      ask_directly();
    }
  }
}

void World::ask_directly() {
  append_intent(surroundings_, crowd_.ask(static_cast<Offset>(broker_.intents.log.size()), surroundings_.now));
}

// Mostly a little; now and then to a moment at which something begins, ends or is forgotten, or just beside it.
void World::advance_clock() {
  UnixMillis& now = surroundings_.now;
  if (dice_.chance(crowd_.is_anything_on_offer(now) ? 0.95 : 0.7)) {
    now += dice_.between(0, 200);
  } else {
    now = std::max(now, crowd_.moment_after(now) + dice_.between(-1, 1));
  }
}

void World::deliver_late_request() {
  if (broker_.in_flight.empty()) return;
  const std::size_t which = dice_.below(broker_.in_flight.size());
  const auto request = std::move(broker_.in_flight[which]);
  broker_.in_flight.erase(broker_.in_flight.begin() + static_cast<std::ptrdiff_t>(which));
  if (dice_.chance(0.2)) {
    ++broker_.happenings[Happening::kRequestLost];
    return;
  }
  ++broker_.happenings[Happening::kRequestArrivedLate];
  request();
}

// The one before is not told, or not yet.
void World::assign_someone() {
  Owner& chosen_one = *owners_[dice_.below(owners_.size())];
  chosen_one.assign(++assignments_);
  ++broker_.happenings[Happening::kTakeover];
  const bool both = std::all_of(owners_.begin(), owners_.end(), [](const auto& o) { return o->wants_to_run(); });
  if (both) ++broker_.happenings[Happening::kTwoOwners];
}

// From here on nothing goes wrong any more, but whatever went wrong before is still there.
void World::calm_down() {
  plan_.end();
  broker_.calm = true;
  while (!broker_.in_flight.empty()) deliver_late_request();
  broker_.orders.abort_strangers_transaction();
  surroundings_.now += 10 * kAheadMax;
  for (const auto& owner : owners_) owner->life().wake();
  broker_.ahead = 0;
  bring_all_back(surroundings_);
  if (shop_ != nullptr) shop_->calm_down();
  owners_[dice_.below(owners_.size())]->assign(++assignments_);
}

// Everything that was asked is decided in the end, stored, and told.
void World::finish() {
  Offset decided = 0;
  for (int idle = 0; idle < kCalmTurnsMax; ++idle) {
    ++surroundings_.turn;
    surroundings_.now += kCalmTurnMillis;
    broker_.orders.set_clock(surroundings_.now);
    owners_[dice_.below(owners_.size())]->life().resume();
    broker_.orders.settle();
    witness_.look();
    for (const auto& owner : owners_) owner->work_on_view();
    const bool shop_is_done = shop_ == nullptr || shop_->round();
    witness_.look();
    if (std::exchange(decided, witness_.next()) < witness_.next()) idle = 0;
    const auto all = static_cast<Offset>(broker_.intents.log.size());
    if (!shop_is_done || witness_.next() < all) continue;
    const bool done = std::any_of(owners_.begin(), owners_.end(), [all](const auto& owner) {
      return owner->rests() && stored_next(owner->disk().rows) == all;
    });
    if (done) return drain_views();
  }
  throw Violation(fmt::format("after the faults had ended, {} of {} intents were decided, and then no more: {} / {}{}",
                              witness_.next(), broker_.intents.log.size(), owners_[0]->last_error(), owners_[1]->last_error(),
                              shop_ == nullptr ? "" : "; " + shop_->unfinished()));
}

void World::drain_views() {
  for (const auto& owner : owners_) {
    for (int i = 0; i < kCalmTurnsMax && owner->work_on_view(); ++i) {
    }
  }
}

WorldReport run_world(const WorldSettings& settings) {
  WorldReport report = World(settings).run();
  if (settings.seed % kSeedsPerRepetition != 0) return report;
  if (World(settings).run().digest != report.digest) throw Violation("the same seed gives another world");
  ++report.repeated;
  return report;
}

}  // namespace sluice::simulation
