#include "tests/simulation/shop.h"

#include <fmt/format.h>

namespace sluice::simulation {
namespace {

constexpr UnixMillis kToleranceMillis = 300'000;
constexpr UnixMillis kClockAheadMax = 60'000;
const std::string kWebhookSecret = "a secret of thirty-two bytes ...";
const std::string kIdKey = "a key of sixteen";

}  // namespace

Shop::Shop(Surroundings& surroundings, Crowd& crowd, ShopMetrics& metrics, const ShopHabits& habits)
    : surroundings_(surroundings),
      ids_({kIdKey}),
      webhook_({kWebhookSecret}, kToleranceMillis),
      database_(habits.database),
      books_(surroundings.witness, surroundings.identity.generation.value),
      buyers_(surroundings, crowd, ids_, kWebhookSecret) {
  database_.set_judge([this](const MysqlRows& rows) { books_.judge_commit(rows); });
  if (const std::uint64_t poison = surroundings.dice.chance(0.6) ? 3 : 0; poison != 0) {
    database_.set_refuses([poison](std::uint64_t order) { return order % poison == 0; });
  }
  for (int i = 0; i < 2; ++i) {
    sinks_.push_back(std::make_unique<SinkProcess>(surroundings, database_, books_, metrics.sink));
    reapers_.push_back(std::make_unique<ReaperProcess>(surroundings, marks_, metrics.reaper));
    ingests_.push_back(
        std::make_unique<IngestProcess>(surroundings, buyers_, ids_, webhook_, metrics.ingest, habits.answers_twice));
  }
  rebalance();
}

void Shop::let_something_happen() {
  Dice& dice = surroundings_.dice;
  if (dice.chance(0.02)) rebalance();
  if (dice.chance(0.1)) database_.notice_lost_clients();
  if (dice.chance(0.001)) database_.become_of_another_log(dice.next());
  if (dice.chance(0.02)) database_.bring_back(surroundings_.turn);
  if (dice.chance(0.005)) {
    ++surroundings_.broker.happenings[Happening::kReapersClockAhead];
    reapers_[dice.below(2)]->set_clock_ahead(dice.between(-kClockAheadMax, kClockAheadMax));
  }
  if (dice.chance(0.02)) reapers_[dice.below(2)]->set_clock_ahead(0);
}

// A group only suggests: both may own the partition, or nobody.
void Shop::rebalance() {
  Dice& dice = surroundings_.dice;
  ++surroundings_.broker.happenings[Happening::kRebalance];
  for (const auto& sink : sinks_) sink->assign(dice.chance(0.6));
  for (const auto& reaper : reapers_) reaper->assign(dice.chance(0.6));
}

void Shop::resume_someone() {
  Dice& dice = surroundings_.dice;
  sinks_[dice.below(2)]->life().resume();
  if (dice.chance(0.5)) reapers_[dice.below(2)]->life().resume();
  ingests_[dice.below(2)]->life().resume();
}

void Shop::let_somebody_ask() {
  buyers_.act([this](Asking asking) { ingests_[surroundings_.dice.below(2)]->ask(std::move(asking)); });
}

void Shop::calm_down() {
  database_.bring_back(surroundings_.turn);
  database_.notice_lost_clients();
  // Mostly a group settles, on one: what that one cannot do, nobody does.
  const bool settles = surroundings_.dice.chance(0.8);
  const std::size_t heir = surroundings_.dice.below(2);
  for (std::size_t i = 0; i < sinks_.size(); ++i) {
    sinks_[i]->life().wake();
    sinks_[i]->assign(i == heir || !settles);
    reapers_[i]->life().wake();
    reapers_[i]->set_clock_ahead(0);
    reapers_[i]->assign(i == heir || !settles);
  }
  for (const auto& ingest : ingests_) ingest->life().wake();
}

bool Shop::round() {
  database_.notice_lost_clients();
  // Patience: who has just heard "pending" hears it again.
  if (surroundings_.turn % 4 == 0) {
    buyers_.insist([this](Asking asking) { ingests_[surroundings_.dice.below(2)]->ask(std::move(asking)); });
  }
  for (const auto& sink : sinks_) sink->life().resume();
  for (const auto& reaper : reapers_) reaper->life().resume();
  for (const auto& ingest : ingests_) ingest->life().resume();
  return database_.rows().position.next == surroundings_.witness.next() && buyers_.satisfied() && nothing_is_due();
}

// Nothing is held beyond its time, and no slot is closed that should be open: the reaper's liveness.
bool Shop::nothing_is_due() const {
  const oracle::Model& model = surroundings_.witness.judge().model();
  for (const auto& [id, order] : model.orders()) {
    if (order.row.status() != v1::HELD) continue;
    const UnixMillis pay_by = surroundings_.witness.recorded_at(id) + 1000 * static_cast<UnixMillis>(order.row.hold_seconds());
    if (pay_by < surroundings_.now) return false;
  }
  for (const auto& [sku, line] : model.lines()) {
    if (line.opened < line.sale.slots_size() && line.sale.slots(line.opened).opens_ms() < surroundings_.now) return false;
  }
  return true;
}

std::string Shop::unfinished() const {
  return fmt::format("MySQL stands at {} of {}; {}; {}", database_.rows().position.next, surroundings_.witness.next(),
                     buyers_.unsatisfied(), nothing_is_due() ? "nothing is due" : "something is overdue");
}

void Shop::judge() const {
  books_.judge_everything(database_.rows());
  buyers_.judge_money();
}

}  // namespace sluice::simulation
