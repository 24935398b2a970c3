#include "ingest/lookup.h"

#include "ingest/answers.h"

namespace sluice {
namespace {

LookedUp order_or_question(const Verdicts& verdicts, const PublicIds& ids, const Claim& claim, Ticket order) {
  const OrderView* view = verdicts.order(order);
  if (view == nullptr) return AskStore{order};
  if (view->user != claim.user) return problem_answer({Problem::kNoSuchOrder, "The id belongs to another user"});
  return order_answer(ids.write(claim.ticket, claim.user), ids.write(order, claim.user), *view);
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

HttpAnswer answer_from_store(const StoredOrder& stored, const PublicIds& ids, const Claim& claim, Ticket order,
                             bool verdict_known) {
  switch (stored.known) {
    case StoredOrder::Known::kFound:
      if (stored.order.user != claim.user) return problem_answer({Problem::kNoSuchOrder, "The id belongs to another user"});
      return order_answer(ids.write(claim.ticket, claim.user), ids.write(order, claim.user), stored.order);
    case StoredOrder::Known::kMissing:
      if (!verdict_known) return archived_answer(ids.write(claim.ticket, claim.user));
      break;
    case StoredOrder::Known::kNotTelling:
      break;
  }
  return problem_answer({Problem::kNotReadable, "The order may well exist; ask again in a moment"});
}

}  // namespace sluice
