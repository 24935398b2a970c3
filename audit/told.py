"""What buyers were told, against the log: every acknowledgement has its verdict, and no answer says otherwise (I3, I4)."""

from collections import Counter, defaultdict

from audit.findings import spot
from audit.fold import MOVES
from audit.messages import outcome_name, reason_name, records, status_name

STATUS_NAMED = {status_name(status): status for status in MOVES}  # "held", "paid", …
ORDER_STATUSES = tuple(STATUS_NAMED)


class Told:
    """Compares a journal with a fold."""

    def __init__(self, fold, requests, findings):
        self.fold, self.requests, self.findings = fold, requests, findings
        self.intents_of_key = defaultdict(list)
        for (partition, offset), (_, intent) in fold.intents.items():
            if intent is not None and intent.WhichOneof("kind") == "purchase":
                asked = intent.purchase
                self.intents_of_key[asked.user, asked.sku, asked.request_key].append((partition, offset))
        self.cancels_of_order = Counter(fold.state.aliases.get(intent.cancel.order, intent.cancel.order)
                                        for _, intent in fold.intents.values()
                                        if intent is not None and intent.WhichOneof("kind") == "cancel")

    def compare(self):
        by_identity = defaultdict(list)
        for request in self.requests.values():
            by_identity[request.identity].append(request)
        for identity, requests in by_identity.items():
            self._compare_key(identity, requests)
        for request in self.requests.values():
            for cancelled in request.cancels:
                self._compare_cancelled(f"buyer {request.buyer} cancelling {cancelled.order}", cancelled)
        self._count_cancels()
        return self

    def _compare_cancelled(self, name, cancelled):
        """What was answered must have been so at some time; when it was "pending", the cancellation must be in the log."""
        entry = cancelled.ticket and self.fold.state.orders.get(cancelled.ticket.value)
        if entry is None:
            self.findings.add("lost", name, "the log has no such order")
        elif cancelled.http == 200 and records.CANCELLED not in entry.was:
            self.findings.add("lost", name, "was told that it is done, and it never was")
        elif cancelled.http == 409:
            problem = str(cancelled.body.get("type", "")).rpartition("/")[2]
            wanted = {"already-paid": {records.PAID}, "already-closed": {records.RELEASED, records.REFUNDED}}.get(problem)
            if wanted is None:
                self.findings.add("other", name, f"was refused for {problem!r}, which is no reason")
            elif not wanted & entry.was:
                self.findings.add("lost", name, f"was told {problem}, and the order never was")
        elif cancelled.http == 202 and not self.cancels_of_order[entry.order.id]:
            self.findings.add("lost", name, "was acknowledged, and the log has no cancellation of this order")
        elif cancelled.http == 404:
            self.findings.add("lost", name, "was told that the order is unknown")

    def _count_cancels(self):
        sent = Counter(cancelled.ticket.value for request in self.requests.values() for cancelled in request.cancels
                       if cancelled.ticket)
        bought_here = {ticket for request in self.requests.values()
                       for ticket in self.fold.state.orders_of_key.get(request.identity, [])}
        for order in bought_here & self.cancels_of_order.keys():
            count = self.cancels_of_order[order]
            if count > sent[order]:
                self.findings.add("doubled", f"order {order}", f"its cancellation was sent {sent[order]} times and appended "
                                  f"{count} times", count - sent[order])

    def _compare_key(self, identity, requests):
        name = f"buyer {identity[0]} key {identity[2]}"
        sent = sum(request.attempts for request in requests)
        appended = self.intents_of_key[identity]
        if len(appended) > sent:
            self.findings.add("doubled", spot(*appended[sent]), f"{name} was sent {sent} times and appended {len(appended)} times",
                              len(appended) - sent)
        orders = set()
        for request in requests:
            for said in request.said:
                self._compare_answer(name, request, said)
                if said.http == 200 and said.status in ORDER_STATUSES:
                    orders.add(said.order or said.ticket)
        orders.discard(None)
        if len(orders) > 1:
            self.findings.add("doubled", name, f"was told of {len(orders)} orders: "
                              f"{', '.join(str(order.value) for order in sorted(orders, key=lambda each: each.value))}",
                              len(orders) - 1)

    def _compare_answer(self, name, request, said):
        if said.http in (200, 202):
            if said.ticket is None:
                self.findings.add("lost", name, f"was answered {said.http} without an id that can be read")
                return
            if not self._is_in_log(name, request, said):
                return
            if said.asked_ticket not in (None, said.ticket):
                self.findings.add("lost", name, f"asked for ticket {said.asked_ticket.value} and was told of {said.ticket.value}")
        if said.http == 200 and said.status == "refused":
            self._compare_refused(name, request, said)
        elif said.http == 200 and said.status in ORDER_STATUSES:
            self._compare_order(name, said)
        elif said.http == 200 and said.status == "archived":
            self._compare_archived(name, said)
        elif said.http == 200 and said.status != "pending":
            self.findings.add("other", name, f"was told {said.status!r}, which is no status")
        elif said.http == 404 and said.asked_id:
            self.findings.add("lost", name, f"was told that {said.asked_id}, which it had been given, is unknown")

    def _is_in_log(self, name, request, said):
        ticket = said.ticket
        where = (ticket.partition, ticket.offset)
        if ticket.generation != self.fold.generation or where not in self.fold.intents:
            self.findings.add("lost", spot(*where, ticket.value), f"{name} was acknowledged, and the log has no such intent")
            return False
        intent = self.fold.intents[where][1]
        asked = intent.purchase if intent is not None and intent.WhichOneof("kind") == "purchase" else None
        found = asked and (asked.user, asked.sku, asked.request_key, asked.quantity)
        wanted = (*request.identity, request.quantity)
        if found != wanted:
            self.findings.add("lost", spot(*where, ticket.value), f"{name} was acknowledged for {wanted}, the log has {found}")
            return False
        # An intent without a verdict was found by the fold; a buyer knows of this one, so it counts here only if told otherwise.
        return where in self.fold.rulings

    def _ruling(self, said):
        ticket = said.ticket
        return ticket and self.fold.rulings.get((ticket.partition, ticket.offset))

    def _compare_refused(self, name, request, said):
        tickets = self.fold.state.orders_of_key.get(request.identity, [])
        if tickets and said.reason != "key_reused":
            self.findings.add("lost", name, f"was told refused ({said.reason}) about order {tickets[0]}, which exists")
            return
        verdict = self._ruling(said).verdict
        if verdict.outcome == records.VOIDED and said.reason == "voided":
            return
        refused = verdict.outcome in (records.REFUSED, records.DUPLICATE) and verdict.reason
        if not refused or said.reason != reason_name(verdict.reason):
            self.findings.add("lost", spot(said.ticket.partition, said.ticket.offset), f"{name} was told refused ({said.reason}), "
                              f"the log says {outcome_name(verdict)} ({reason_name(verdict.reason)})")

    def _compare_archived(self, name, said):
        verdict = self._ruling(said).verdict
        entry = self.fold.state.orders.get(said.ticket.value if verdict.outcome == records.ACCEPTED else verdict.duplicate_of)
        if entry is not None and entry.order.status in (records.HELD, records.PAID):
            self.findings.add("lost", name, f"was told archived about order {entry.order.id}, which is "
                              f"{status_name(entry.order.status)}")

    def _compare_order(self, name, said):
        verdict, ticket = self._ruling(said).verdict, said.ticket
        made = {records.ACCEPTED: ticket.value, records.DUPLICATE: verdict.duplicate_of}.get(verdict.outcome)
        entry = self.fold.state.orders.get(made)
        if entry is None:
            self.findings.add("lost", spot(ticket.partition, ticket.offset, ticket.value), f"{name} was told {said.status}, the log "
                              f"says {outcome_name(verdict)} ({reason_name(verdict.reason)}) and has no such order")
        elif STATUS_NAMED[said.status] not in entry.was:
            self.findings.add("lost", name, f"was told {said.status} about order {made}, which it never was")
        elif said.order is not None and said.order.value != made:
            self.findings.add("lost", spot(ticket.partition, ticket.offset, ticket.value), f"{name} was told of order "
                              f"{said.order.value}, the log made {made} of it")


def count_acknowledged(requests):
    return sum(any(said.http == 202 for said in request.said) for request in requests.values())


def count_untold(requests):
    """Acknowledged requests whose buyer left without having read a verdict."""
    return sum(any(said.http == 202 for said in request.said)
               and not any(said.http == 200 and said.status not in ("", "pending") for said in request.said)
               for request in requests.values())
