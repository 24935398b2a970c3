#include "tests/simulation/hearing.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "ingest/json_text.h"
#include "schemas/reason_word.h"
#include "schemas/status_word.h"

namespace sluice::simulation {
namespace {

constexpr UnixMillis kMillisPerSecond = 1000;

bool is_status(std::string_view word) {
  for (const v1::OrderStatus status : {v1::HELD, v1::PAID, v1::CANCELLED, v1::RELEASED, v1::REFUNDED}) {
    if (status_word(status) == word) return true;
  }
  return false;
}

void demand(bool holds, const char* promise, const HttpAnswer& answer) {
  if (!holds) throw Violation(fmt::format("{}: {}", promise, answer.body));
}

}  // namespace

std::string_view member(std::string_view json, std::string_view name) {
  const std::string quoted = fmt::format("\"{}\":", name);
  const std::size_t at = json.find(quoted);
  if (at == std::string_view::npos) return {};
  json.remove_prefix(at + quoted.size());
  if (!json.starts_with('"')) return json.substr(0, json.find_first_of(",}"));
  json.remove_prefix(1);
  return json.substr(0, json.find('"'));
}

Told Hearing::purchase(const Purchasing& asked, const HttpAnswer& answer) const {
  Told told;
  told.ticket = member(answer.body, "ticket");
  told.status = member(answer.body, "status");
  const Offset offset = judge_ticket(asked, told.ticket);
  if (told.status == "pending") return told;
  surroundings_.witness.look();
  demand(offset < surroundings_.witness.next(), "I3: ingest tells a verdict that nobody gave", answer);
  const Witness::Ruled& ruled = surroundings_.witness.ruled(offset);
  const bool repeats_order = ruled.outcome == v1::DUPLICATE && ruled.reason == v1::REASON_UNSPECIFIED;
  if (told.status == "archived") {
    demand(ruled.outcome != v1::ACCEPTED, "I4: ingest has forgotten an order", answer);
    return told;
  }
  if (told.status == "refused") {
    judge_refusal(answer, offset);
    return told;
  }
  demand(ruled.outcome == v1::ACCEPTED || repeats_order, "I4: ingest tells of an order where none came", answer);
  told.order = member(answer.body, "order");
  const std::uint64_t expected = repeats_order ? ruled.duplicate_of : ids_.read(told.ticket, asked.user)->value;
  demand(told.order == ids_.write({expected}, asked.user), "I4: ingest names another order", answer);
  order(asked.user, answer);
  return told;
}

// The ticket is its user's, and in the log stands what they asked for.
Offset Hearing::judge_ticket(const Purchasing& asked, std::string_view text) const {
  const auto fail = [&](const char* why) {
    throw Violation(fmt::format("I3: {} was given the ticket '{}' for {}, {}", asked.user, text, asked.key, why));
  };
  const std::optional<Ticket> ticket = ids_.read(text, asked.user);
  if (!ticket || ticket->partition() != surroundings_.identity.partition) fail("which is none of theirs");
  const Offset offset = ticket->position().offset();
  const auto& log = surroundings_.broker.intents.log;
  if (offset >= static_cast<Offset>(log.size())) fail("which nobody wrote");
  v1::Intent intent;
  const bool is_intent = intent.ParseFromString(log[static_cast<std::size_t>(offset)].bytes);
  const v1::Purchase& purchase = intent.purchase();
  const bool theirs = is_intent && purchase.user() == asked.user && purchase.request_key() == asked.key &&
                      purchase.sku() == asked.sku && static_cast<int>(purchase.quantity()) == asked.quantity;
  if (!theirs) fail("where something else stands");
  return offset;
}

void Hearing::judge_refusal(const HttpAnswer& answer, Offset offset) const {
  const Witness::Ruled& ruled = surroundings_.witness.ruled(offset);
  const bool refused =
      ruled.outcome == v1::REFUSED || (ruled.outcome == v1::DUPLICATE && ruled.reason != v1::REASON_UNSPECIFIED);
  demand(refused, "I4: ingest says refused about an order that exists", answer);
  const std::string_view reason = member(answer.body, "reason");
  demand(reason == "no_longer_kept" || reason == reason_word(ruled.reason), "I4: ingest tells another reason", answer);
}

// It is the order's, it was in that state once, and its money is what was asked for.
void Hearing::order(const std::string& user, const HttpAnswer& answer) const {
  surroundings_.witness.look();
  const oracle::Model& model = surroundings_.witness.judge().model();
  const std::optional<Ticket> id = ids_.read(member(answer.body, "order"), user);
  demand(id.has_value(), "I4: ingest names an order of somebody else", answer);
  const auto known = model.orders().find(id->value);
  demand(known != model.orders().end() && known->second.row.user() == user, "I4: ingest tells of an order that is not theirs",
         answer);
  const std::string_view status = member(answer.body, "status");
  demand(is_status(status) && model.was_ever(id->value, status), "I7: ingest tells a state that the order never had", answer);
  demand(member(answer.body, "amount_minor") == std::to_string(known->second.row.amount_minor()) &&
             member(answer.body, "quantity") == std::to_string(known->second.row.quantity()),
         "ingest tells another amount", answer);
  if (status == "held") judge_time_to_pay(*id, known->second.row, answer);
}

// At the end of what is told the order may be released, but not before; neither is it told to be earlier than the ledger, which
// counts from the log time, would release it.
void Hearing::judge_time_to_pay(Ticket id, const v1::Order& order, const HttpAnswer& answer) const {
  const UnixMillis hold = kMillisPerSecond * static_cast<UnixMillis>(order.hold_seconds());
  const UnixMillis recorded = surroundings_.witness.recorded_at(id.value) + hold;
  const auto [least, most] = std::minmax({recorded, static_cast<UnixMillis>(order.deadline_ms())});
  const std::string_view told = member(answer.body, "pay_by");
  demand(told >= rfc3339(least) && told <= rfc3339(most), "ingest tells another time to pay", answer);
}

void Hearing::sku(const std::string& sku, const HttpAnswer& answer) const {
  surroundings_.witness.look();
  std::uint64_t position = 0;
  const std::string_view text = member(answer.body, "position");
  std::from_chars(text.data(), text.data() + text.size(), position);
  const oracle::Line* line = surroundings_.witness.judge().model().line_at(sku, position);
  demand(line != nullptr && member(answer.body, "available") == std::to_string(line->counters.available()) &&
             member(answer.body, "held") == std::to_string(line->counters.held()) &&
             member(answer.body, "sold") == std::to_string(line->counters.sold()) &&
             member(answer.body, "sale_id") == line->sale.sale_id(),
         "I7: ingest tells a stock that never was", answer);
}

void Hearing::act(const HttpAnswer& answer) const {
  const std::string_view text = member(answer.body, "position");
  Position position;
  std::from_chars(text.data(), text.data() + text.size(), position.value);
  surroundings_.witness.look();
  demand(position.offset() < surroundings_.witness.next(), "I3: ingest tells a verdict that nobody gave", answer);
  const Witness::Ruled& ruled = surroundings_.witness.ruled(position.offset());
  const bool accepted = member(answer.body, "verdict") == "accepted";
  demand(ruled.outcome == (accepted ? v1::ACCEPTED : v1::DUPLICATE), "I3: ingest tells an act another verdict", answer);
}

}  // namespace sluice::simulation
