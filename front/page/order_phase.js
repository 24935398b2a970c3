// Where a request is, in the one word that decides what the buyer sees of it: a rule without I/O or clock.

const CLOSED = new Set(["paid", "cancelled", "released", "refunded", "refused", "archived"]);

// `paying`: a payment was begun and may still arrive. `now`: the shop's time.
export function phaseOf(request, paying, now) {
  if (request.problem) return request.problem.status === 404 ? "gone" : "problem";
  const status = request.order?.status;
  if (CLOSED.has(status)) return status;
  if (status === "held") {
    if (request.cancel) return "cancelling";
    if (paying) return "paying";
    return Date.parse(request.order.pay_by) > now ? "held" : "late";
  }
  return request.ticket ? "pending" : "sending";
}
