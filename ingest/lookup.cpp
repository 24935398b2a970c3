#include "ingest/lookup.h"

#include "ingest/answers.h"

namespace sluice {
namespace {

HttpAnswer answer_of(const OrderView& view, const PublicIds& ids, const Claim& claim, Ticket order) {
  if (view.user != claim.user) return problem_answer({Problem::kNoSuchOrder, "The id belongs to another user"});
  return order_answer(ids.write(claim.ticket, claim.user), ids.write(order, claim.user), view);
}

LookedUp order_or_question(const Verdicts& verdicts, const PublicIds& ids, const Claim& claim, Ticket order) {
  const OrderView* view = verdicts.order(order);
  if (view == nullptr || !view->whole) return AskStore{order};
  return answer_of(*view, ids, claim, order);
}

}  // namespace

LookedUp look_up(const Verdicts& verdicts, const PublicIds& ids, const Claim& claim) {
  const Verdicts::Found found = verdicts.find(claim.ticket);
  if (found.known == Verdicts::Known::kPending) return NotDecided{};
  if (found.known == Verdicts::Known::kOlder) return order_or_question(verdicts, ids, claim, claim.ticket);
  const KeptVerdict& verdict = found.verdict;
  if (verdict.outcome == v1::ACCEPTED) return order_or_question(verdicts, ids, claim, claim.ticket);
  const bool repeats = verdict.outcome == v1::DUPLICATE;
  // A duplicate tells the first one's verdict: its reason if that was refused, else its order.
  if (repeats && verdict.reason == v1::REASON_UNSPECIFIED) {
    return order_or_question(verdicts, ids, claim, verdict.duplicate_of);
  }
  return refused_answer(ids.write(claim.ticket, claim.user), repeats ? ids.write(verdict.duplicate_of, claim.user) : "",
                        verdict);
}

HttpAnswer answer_from_store(const StoredOrder& stored, const Verdicts& verdicts, const PublicIds& ids, const Claim& claim,
                             Ticket order) {
  const bool found = stored.known == StoredOrder::Known::kFound;
  if (found) order = stored.id;
  const OrderView* recent = verdicts.trace(order);
  if (found) return answer_of(recent == nullptr ? stored.order : merged(stored.order, *recent), ids, claim, order);
  // Refunds from before the window may be missing in it; how the order stands is right.
  if (verdicts.order(order) != nullptr) return answer_of(*recent, ids, claim, order);
  const bool verdict_is_forgotten = verdicts.find(claim.ticket).known == Verdicts::Known::kOlder;
  if (verdict_is_forgotten && stored.known == StoredOrder::Known::kNone) {
    return no_longer_kept_answer(ids.write(claim.ticket, claim.user));
  }
  if (verdict_is_forgotten && stored.known == StoredOrder::Known::kMissing) {
    return archived_answer(ids.write(claim.ticket, claim.user));
  }
  return problem_answer({Problem::kNotReadable, "The order may well exist; ask again in a moment"});
}

}  // namespace sluice
