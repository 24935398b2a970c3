#include "ingest/teller.h"

#include <limits>
#include <string>
#include <utility>

#include "ingest/answers.h"

namespace sluice {
namespace {

constexpr UnixMillis kMillisPerSecond = 1000;
constexpr UnixMillis kPaceMillis = 100;

}  // namespace

Teller::Teller(Generation generation, int partitions, const VerdictBounds& bounds, const PublicIds& ids, StoredOrders& stored,
               Answers& answers)
    : generation_(generation), ids_(ids), stored_port_(stored), answers_(answers) {
  for (int partition = 0; partition < partitions; ++partition) verdicts_.emplace_back(generation, Partition{partition}, bounds);
}

std::optional<HttpAnswer> Teller::tell(const Asker& asker, Telling telling, UnixMillis now) {
  return tell_order(asker, std::move(telling), now);
}

std::optional<HttpAnswer> Teller::tell_order(const Asker& asker, Telling telling, UnixMillis now) {
  const Claim claim{telling.ticket, telling.purpose.user};
  if (!is_readable(claim.ticket)) return archived_answer(ids_.write(claim.ticket, claim.user));
  const Verdicts& known = verdicts(claim.ticket.partition());
  LookedUp found = look_up(known, ids_, claim);
  if (auto* answer = std::get_if<HttpAnswer>(&found)) return std::move(*answer);
  if (const auto* ask = std::get_if<AskStore>(&found)) {
    if (!stored_port_.ask(ask->order, asker.exchange)) {
      return answer_from_store({}, ids_, claim, ask->order, /*verdict_known=*/false);
    }
    const bool verdict_known = known.find(claim.ticket).known == Verdicts::Known::kDecided;
    open_.insert_or_assign(asker.exchange, Open{std::move(telling), *ask, verdict_known});
    return std::nullopt;
  }
  if (asker.wait_seconds == 0 || finishing_) return pending(telling);
  waits_.add(asker.exchange, telling.ticket, now + asker.wait_seconds * kMillisPerSecond);
  open_.insert_or_assign(asker.exchange, Open{std::move(telling)});
  return std::nullopt;
}

// Topics are created anew with a higher generation, and tickets of the old ones stay with their users.
bool Teller::is_readable(Ticket ticket) const {
  return ticket.position().generation() == generation_ && ticket.partition().value < static_cast<int>(verdicts_.size());
}

HttpAnswer Teller::pending(const Telling& telling) const {
  const Pace& pace = verdicts(telling.ticket.partition()).pace();
  const Offset offset = telling.ticket.position().offset();
  return pending_answer(ids_.write(telling.ticket, telling.purpose.user), pace.place(offset), pace.eta_seconds(offset),
                        telling.purpose.kind == Purpose::Kind::kPurchase);
}

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
  for (const Exchange exchange : ready_) answer(exchange, pending(open_.at(exchange).telling));
}

bool Teller::answer_stored() {
  stored_.clear();
  stored_port_.answered(stored_);
  for (const StoredOrder& stored : stored_) {
    const Open& open = open_.at(stored.asked_by);
    const Claim claim{open.telling.ticket, open.telling.purpose.user};
    answer(stored.asked_by, answer_from_store(stored, ids_, claim, open.asked.order, open.verdict_known));
  }
  return !stored_.empty();
}

void Teller::finish() {
  finishing_ = true;
  answer_expired(std::numeric_limits<UnixMillis>::max());
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
