#include "tests/simulation/ending.h"

#include <fmt/format.h>
#include <google/protobuf/util/message_differencer.h>

#include <map>
#include <utility>

#include "ledger/store_rows.h"
#include "schemas/partitioner.h"
#include "tests/simulation/oracle/invariants.h"
#include "tests/simulation/replay.h"

namespace sluice::simulation {
namespace {

using google::protobuf::util::MessageDifferencer;

oracle::Place place_of(const LedgerIdentity& identity) {
  return {
      .partition = identity.partition.value,
      .partition_count = identity.partition_count,
      .generation = identity.generation.value,
      .partition_of_key = [count = identity.partition_count](std::string_view key) { return partition_of(key, count).value; }};
}

template <typename Message>
Message parsed(const std::string& bytes, std::string_view what) {
  Message message;
  if (!message.ParseFromString(bytes)) throw Violation(fmt::format("a {} cannot be parsed", what));
  return message;
}

void demand(bool holds, std::string_view otherwise) {
  if (!holds) throw Violation(std::string(otherwise));
}

}  // namespace

Offset stored_next(const Rows& rows) {
  const auto progress = rows.find(std::string(kProgressRow));
  return progress == rows.end() ? 0 : parsed<v1::StoredProgress>(progress->second, "progress row").next_offset();
}

Ending::Ending(Surroundings& surroundings, const std::vector<std::unique_ptr<Owner>>& owners)
    : surroundings_(surroundings), owners_(owners), judge_(place_of(surroundings.identity)) {
  for (const LoggedIntent& intent : surroundings.broker.intents.log) asked_.push_back({intent.append_time, intent.bytes});
  const SimulatedOrders& orders = surroundings.broker.orders;
  orders.read(0, orders.stable_end(), [this](std::int64_t, const std::string& record) {
    records_.push_back(record);
    return true;
  });
}

WorldReport Ending::judge() {
  judge_invariants();
  if (const std::string problem = judge_.contradiction(asked_, records_); !problem.empty()) throw Violation(problem);

  const Rows* complete = nullptr;
  for (const auto& owner : owners_) {
    if (stored_next(owner->disk().rows) == static_cast<Offset>(asked_.size())) complete = &owner->disk().rows;
  }
  demand(complete != nullptr, "no store is complete");
  judge_store(*complete);
  judge_view();

  Replay replay(surroundings_.identity, surroundings_.broker.intents, records_);
  replay.decide_with_the_same_cuts(*complete);
  replay.decide_with_other_cuts(surroundings_.dice, *complete);
  replay.redo(*complete);
  replay.restart(surroundings_, *complete);

  WorldReport report;
  report.intents = static_cast<std::int64_t>(asked_.size());
  report.records = static_cast<std::int64_t>(records_.size());
  report.rulings = judge_.counts();
  return report;
}

void Ending::judge_invariants() const {
  oracle::Invariants invariants;
  for (const std::string& bytes : records_) {
    const std::string problem = invariants.broken_by(parsed<v1::OrderRecord>(bytes, "record"));
    if (!problem.empty()) throw Violation(problem);
  }
}

// Every row is right; and there are as many as there must be, so that none is missing.
void Ending::judge_store(const Rows& rows) {
  const oracle::Model& model = judge_.model();
  for (const auto& [key, value] : rows) judge_row(key, value);
  const std::size_t expected =
      model.orders().size() + model.lines().size() + model.payments().size() + model.aliases().size() + model.admin_acts() + 1;
  demand(rows.size() == expected, fmt::format("the store has {} rows, expected {}", rows.size(), expected));
}

void Ending::judge_row(const std::string& key, const std::string& value) {
  const oracle::Model& model = judge_.model();
  const std::string_view kind = std::string_view(key).substr(0, 1);
  if (kind == kOrderRows) {
    const auto stored = parsed<v1::StoredOrder>(value, "order row");
    const auto order = model.orders().find(order_of_row(key));
    demand(order != model.orders().end() && order->second.version == stored.version() &&
               judge_.is_same(stored.order(), order->second.row),
           "the store has another order: " + stored.ShortDebugString());
  } else if (kind == kPaymentRows) {
    const auto stored = parsed<v1::StoredPayment>(value, "payment row");
    const auto payment = model.payments().find(key.substr(1));
    demand(payment != model.payments().end() && MessageDifferencer::Equals(payment->second, stored.payment()),
           "the store has another payment: " + stored.ShortDebugString());
  } else if (kind == kAliasRows) {
    const auto stored = parsed<v1::StoredAlias>(value, "alias row");
    const auto alias = model.aliases().find(order_of_row(key));
    demand(alias != model.aliases().end() && alias->second == stored.order(),
           fmt::format("the store has another alias of order {}", stored.order()));
  } else if (kind == kLineRows) {
    const auto stored = parsed<v1::StoredLine>(value, "line row");
    const auto line = model.lines().find(key.substr(1));
    demand(line != model.lines().end() && line->second.version == stored.version() && line->second.frozen == stored.frozen() &&
               line->second.opened == static_cast<int>(stored.opened_slots()) &&
               MessageDifferencer::Equals(line->second.sale, stored.sale()) &&
               MessageDifferencer::Equals(line->second.counters, stored.counters()),
           "the store has another line: " + stored.ShortDebugString());
  } else if (kind == kProgressRow) {
    const auto stored = parsed<v1::StoredProgress>(value, "progress row");
    demand(stored.next_offset() == model.next() && stored.log_time_ms() == model.log_time(),
           "the store has another position: " + stored.ShortDebugString());
  }
}

// Whatever the view has ever shown was so at that version, and nothing went back to an older one; what it shows now is the
// last.
void Ending::judge_view() {
  const oracle::Model& model = judge_.model();
  const SharedView& view = surroundings_.view;
  std::map<std::pair<std::uint64_t, std::string>, Position> shown_before;  // by losses and key
  const auto demand_newer = [&](std::uint64_t losses, const std::string& key, Position version) {
    Position& before = shown_before[{losses, key}];
    demand(before < version, "I7: the view went back to an older state of " + key);
    before = version;
  };
  for (const auto& [taken, losses] : view.orders_taken) {
    const v1::Order* order = model.order_at(taken.order.id(), taken.version.value);
    demand(order != nullptr && judge_.is_same(taken.order, *order),
           "I7: the view showed an order that never was: " + taken.order.ShortDebugString());
    demand_newer(losses, "order " + std::to_string(taken.order.id()), taken.version);
  }
  for (const auto& [taken, losses] : view.stocks_taken) {
    const oracle::Line* line = model.line_at(taken.sale.sku(), taken.version.value);
    demand(line != nullptr && line->opened == taken.opened_slots && line->frozen == taken.frozen &&
               MessageDifferencer::Equals(line->sale, taken.sale) && MessageDifferencer::Equals(line->counters, taken.counters),
           "I7: the view showed a stock that never was: " + taken.counters.ShortDebugString());
    demand_newer(losses, "stock of " + taken.sale.sku(), taken.version);
  }
  judge_view_now();
}

void Ending::judge_view_now() const {
  const oracle::Model& model = judge_.model();
  const SharedView& view = surroundings_.view;
  for (const auto& [id, order] : model.orders()) {
    const auto shown = view.orders.find(id);
    demand(shown != view.orders.end() && shown->second.version.value == order.version,
           "I7: the view does not show the last state of order " + std::to_string(id));
  }
  for (const auto& [sku, line] : model.lines()) {
    const auto shown = view.stocks.find(sku);
    demand(shown != view.stocks.end() && shown->second.version.value == line.version,
           "I7: the view does not show the last state of " + sku);
  }
  demand(view.aliases == model.aliases(), "I7: the view does not show what every duplicate stands for");
  demand(view.payments.size() == model.payments().size(), "I7: the view does not show all payments");
  for (const auto& [id, payment] : model.payments()) {
    const auto shown = view.payments.find(id);
    demand(shown != view.payments.end() && MessageDifferencer::Equals(shown->second.payment, payment),
           "I7: the view does not show the last state of payment " + id);
  }
}

}  // namespace sluice::simulation
