#include "tests/simulation/ending.h"

#include <fmt/format.h>

#include <map>
#include <utility>

#include "ledger/store_rows.h"
#include "tests/ledger/orders_apart.h"
#include "tests/simulation/replay.h"

namespace sluice::simulation {
namespace {

constexpr double kDecidedAgain = 0.25;  // of the worlds: each costs as much as the world itself

bool same(const google::protobuf::Message& a, const google::protobuf::Message& b) {
  return a.SerializeAsString() == b.SerializeAsString();
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
    : surroundings_(surroundings), owners_(owners), judge_(surroundings.witness.judge()) {}

void Ending::judge() {
  const auto asked = static_cast<Offset>(surroundings_.broker.intents.log.size());
  demand(surroundings_.witness.next() == asked,
         fmt::format("I3: of {} intents only {} have a ruling", asked, surroundings_.witness.next()));

  const Rows* complete = nullptr;
  for (const auto& owner : owners_) {
    if (stored_next(owner->disk().rows) == asked) complete = &owner->disk().rows;
  }
  demand(complete != nullptr, "no store is complete");
  judge_store(*complete);
  judge_view();

  Replay replay(surroundings_.identity, surroundings_.broker.intents, surroundings_.witness.records());
  replay.redo(*complete);
  if (surroundings_.dice.chance(kDecidedAgain)) replay.decide_with_the_same_cuts(*complete);
  if (surroundings_.dice.chance(kDecidedAgain)) replay.decide_with_other_cuts(surroundings_.dice, *complete);
  if (surroundings_.dice.chance(kDecidedAgain)) replay.restart(surroundings_, *complete);
}

// Every row is right; and there are as many as there must be, so that none is missing.
void Ending::judge_store(const Rows& rows_as_stored) {
  const Rows rows = with_orders_apart(rows_as_stored);
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
    demand(payment != model.payments().end() && same(payment->second, stored.payment()),
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
               line->second.opened == static_cast<int>(stored.opened_slots()) && same(line->second.sale, stored.sale()) &&
               same(line->second.counters, stored.counters()),
           "the store has another line: " + stored.ShortDebugString());
  } else if (kind == kProgressRow) {
    const auto stored = parsed<v1::StoredProgress>(value, "progress row");
    demand(stored.next_offset() == model.next() && stored.log_time_ms() == model.log_time(),
           "the store has another position: " + stored.ShortDebugString());
  }
}

// What the view shows now is the last; whatever it showed before was judged when it did.
void Ending::judge_view() const {
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
    demand(shown != view.payments.end() && same(shown->second.payment, payment),
           "I7: the view does not show the last state of payment " + id);
  }
}

}  // namespace sluice::simulation
