#include "ingest/teller.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "ingest/answers.h"
#include "ingest/rulings.h"

namespace sluice {
namespace {

constexpr UnixMillis kMillisPerSecond = 1000;
constexpr UnixMillis kPaceMillis = 100;

// What a request is about: the order that it cancels, or its own ticket. The views are into the telling.
Claim claim_of(const Telling& telling) {
  const bool cancels = telling.purpose.kind == Purpose::Kind::kCancel;
  return {cancels ? telling.purpose.order : telling.ticket, telling.purpose.user};
}

}  // namespace

Teller::Teller(Generation generation, int partitions, const VerdictBounds& bounds, const PublicIds& ids, StoredOrders& stored,
               Answers& answers)
    : generation_(generation), ids_(ids), stored_port_(stored), answers_(answers) {
  for (int partition = 0; partition < partitions; ++partition) verdicts_.emplace_back(generation, Partition{partition}, bounds);
}

// ---- one asker

std::optional<HttpAnswer> Teller::tell(const Asker& asker, Telling telling, UnixMillis now) {
  switch (telling.purpose.kind) {
    case Purpose::Kind::kPayment:
      return payment_answer(telling.purpose.payment_id);
    case Purpose::Kind::kCancel:
    case Purpose::Kind::kAdmin:
      return tell_verdict(asker, std::move(telling), now);
    default:
      return tell_order(asker, std::move(telling), now);
  }
}

std::optional<HttpAnswer> Teller::tell_verdict(const Asker& asker, Telling telling, UnixMillis now) {
  const Verdicts::Found found = verdicts(telling.ticket.partition()).find(telling.ticket);
  if (found.known == Verdicts::Known::kPending) {
    if (asker.wait_seconds == 0 || finishing_) return tell_pending(asker.exchange, std::move(telling), now);
    wait(asker, std::move(telling), now);
    return std::nullopt;
  }
  const bool decided = found.known == Verdicts::Known::kDecided;
  if (telling.purpose.kind == Purpose::Kind::kAdmin) {
    return decided ? act_answer(found.verdict, telling.ticket.position()) : act_pending_answer();
  }
  if (decided && found.verdict.outcome == v1::REFUSED) return cancel_refused_answer(found.verdict.reason);
  if (decided && found.verdict.outcome == v1::VOIDED) return act_answer(found.verdict, telling.ticket.position());
  return tell_order({asker.exchange, /*wait_seconds=*/0}, std::move(telling), now, decided ? Cancel::kRuled : Cancel::kNone);
}

std::optional<HttpAnswer> Teller::tell_pending(Exchange exchange, Telling telling, UnixMillis now) {
  if (telling.purpose.kind == Purpose::Kind::kAdmin) return act_pending_answer();
  if (telling.purpose.kind == Purpose::Kind::kCancel) {
    return tell_order({exchange, /*wait_seconds=*/0}, std::move(telling), now, Cancel::kPending);
  }
  return pending(claim_of(telling), telling.purpose.kind);
}

std::optional<HttpAnswer> Teller::tell_order(const Asker& asker, Telling telling, UnixMillis now, Cancel cancel) {
  const Claim claim = claim_of(telling);
  if (!is_readable(claim.ticket)) return archived_answer(ids_.write(claim.ticket, claim.user));
  const Verdicts& known = verdicts(claim.ticket.partition());
  LookedUp found = look_up(known, ids_, claim);
  if (auto* answer = std::get_if<HttpAnswer>(&found)) return shaped(std::move(*answer), cancel, claim);
  if (const auto* ask = std::get_if<AskStore>(&found)) {
    if (!stored_port_.ask(ask->order, asker.exchange)) {
      return shaped(answer_from_store({}, known, ids_, claim, ask->order), cancel, claim);
    }
    open_.insert_or_assign(asker.exchange, Open{std::move(telling), *ask, cancel});
    return std::nullopt;
  }
  if (asker.wait_seconds == 0 || finishing_) return shaped(pending(claim, telling.purpose.kind), cancel, claim);
  wait(asker, std::move(telling), now);
  return std::nullopt;
}

HttpAnswer Teller::shaped(HttpAnswer order, Cancel cancel, const Claim& claim) const {
  if (cancel != Cancel::kPending) return order;
  return with_cancel_pending(std::move(order), ids_.write(claim.ticket, claim.user));
}

void Teller::wait(const Asker& asker, Telling telling, UnixMillis now) {
  waits_.add(asker.exchange, telling.ticket, now + asker.wait_seconds * kMillisPerSecond);
  open_.insert_or_assign(asker.exchange, Open{std::move(telling)});
}

// Topics are created anew with a higher generation, and tickets of the old ones stay with their users.
bool Teller::is_readable(Ticket ticket) const {
  return ticket.position().generation() == generation_ && ticket.partition().value < static_cast<int>(verdicts_.size());
}

HttpAnswer Teller::pending(const Claim& claim, Purpose::Kind kind) const {
  const Pace& pace = verdicts(claim.ticket.partition()).pace();
  const Offset offset = claim.ticket.position().offset();
  return pending_answer(ids_.write(claim.ticket, claim.user), pace.place(offset), pace.eta_seconds(offset),
                        kind == Purpose::Kind::kPurchase);
}

// ---- all who wait

Result<void> Teller::take(Partition partition, const v1::OrderRecord& record, UnixMillis appended, UnixMillis now) {
  Verdicts& known = verdicts_of(partition);
  const Offset next = known.next();
  if (known.take(record, appended, now) != Coverage::Ruling::kGap) return {};
  return Error::fatal("orders/" + std::to_string(partition.value) + " leaves a gap: intents up to " + std::to_string(next) +
                      " were ruled on, and the next record begins at " + std::to_string(record.first_offset()) +
                      "; the log is not the one that was read before");
}

void Teller::answer_decided(UnixMillis now) {
  ready_.clear();
  for (std::size_t i = 0; i < verdicts_.size(); ++i) {
    waits_.take_decided(Partition{static_cast<std::int32_t>(i)}, verdicts_[i].next(), ready_);
  }
  for (const Exchange exchange : ready_) {
    auto told = tell({exchange, /*wait_seconds=*/0}, open_.at(exchange).telling, now);
    if (told) answer(exchange, std::move(*told));
  }
}

void Teller::answer_expired(UnixMillis now) {
  ready_.clear();
  waits_.take_expired(now, ready_);
  for (const Exchange exchange : ready_) {
    auto told = tell_pending(exchange, open_.at(exchange).telling, now);
    if (told) answer(exchange, std::move(*told));
  }
}

bool Teller::answer_stored() {
  stored_.clear();
  stored_port_.answered(stored_);
  for (const StoredOrder& stored : stored_) answer_by(stored);
  return !stored_.empty();
}

void Teller::answer_by(const StoredOrder& stored) {
  const Open& open = open_.at(stored.asked_by);
  const Claim claim = claim_of(open.telling);
  const Verdicts& known = verdicts(claim.ticket.partition());
  // The store may be behind a cancel that was ruled on: what it says of a held order is not so any more.
  const bool behind = open.cancel == Cancel::kRuled && stored.order.status == v1::HELD;
  HttpAnswer order = answer_from_store(behind ? StoredOrder{} : stored, known, ids_, claim, open.asked.order);
  answer(stored.asked_by, shaped(std::move(order), open.cancel, claim));
}

void Teller::finish() {
  finishing_ = true;
  answer_expired(std::numeric_limits<UnixMillis>::max());
}

void Teller::give_up() {
  answer_stored();
  finish();  // a cancel that is pending asks the store now
  ready_.clear();
  for (const auto& [exchange, open] : open_) ready_.push_back(exchange);
  std::ranges::sort(ready_);
  for (const Exchange exchange : ready_) answer_by({.asked_by = exchange});
}

void Teller::tell_pace(UnixMillis now) {
  if (now - pace_told_ < kPaceMillis && now >= pace_told_) return;
  pace_told_ = now;
  for (Verdicts& known : verdicts_) known.pace().decided(known.next(), now);
}

void Teller::answer(Exchange exchange, HttpAnswer answer) {
  open_.erase(exchange);
  answers_.answer(exchange, std::move(answer));
}

}  // namespace sluice
