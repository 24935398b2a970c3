"""Money (I8): the gateway's book against the ends of payments in the log, and those against the orders that they paid."""

from collections import Counter, defaultdict

from audit.findings import spot
from audit.messages import reason_name, records


class Money:
    """`paid`: the gateway's payments by id; None: its book is not known, and only the log is looked at."""

    def __init__(self, fold, paid, findings):
        self.fold, self.paid, self.findings = fold, paid, findings
        self.ends = defaultdict(list)  # payment id -> its payments, of all partitions
        for (_, payment_id), entry in fold.state.payment_entries.items():
            self.ends[payment_id].append(entry.payment)
        self.appended = defaultdict(list)  # payment id -> where it was asked to be taken
        for (partition, offset), (_, intent) in fold.intents.items():
            if intent is not None and intent.WhichOneof("kind") == "pay":
                self.appended[intent.pay.payment_id].append((partition, offset))

    def compare(self):
        self._compare_orders()
        for payment_id, ends in self.ends.items():
            if len(ends) > 1:
                self.findings.add("money", f"payment {payment_id}", f"has {len(ends)} ends, in different partitions")
        if self.paid is not None:
            for paid in self.paid.values():
                self._compare_paid(paid)
            for payment_id in sorted(self.appended.keys() - self.paid.keys()):
                self.findings.add("money", spot(*self.appended[payment_id][0]), f"payment {payment_id} is in the log, and the "
                                  "gateway knows nothing of it")
        return self

    def _compare_orders(self):
        """An order that is paid was paid once, by the payment that it names; a payment that paid an order left it paid."""
        payers = defaultdict(list)
        for (partition, _), entry in self.fold.state.payment_entries.items():
            payment = entry.payment
            if payment.end == records.PAYMENT_PAID:
                payers[payment.order].append(payment)
            elif payment.end != records.PAYMENT_REFUND_DUE:
                self.findings.add("money", f"payment {payment.id} of partition {partition}", "has no end")
        for ticket, entry in self.fold.state.orders.items():
            names = [payment.id for payment in payers.pop(ticket, [])]
            wanted = [entry.order.payment_id] if entry.order.status == records.PAID else []
            if names != wanted:
                self.findings.add("money", spot(entry.partition, entry.version, ticket), f"is paid by {names or 'nothing'}, and "
                                  f"stands as {records.OrderStatus.Name(entry.order.status).lower()} by {wanted or 'nothing'}")
        for ticket, payments in payers.items():
            self.findings.add("money", f"order {ticket}", f"was paid by {payments[0].id} and is not there")

    def _compare_paid(self, paid):
        name = f"payment {paid.payment_id}"
        appended = self.appended[paid.payment_id]
        if len(appended) > paid.deliveries:
            self.findings.add("money", spot(*appended[paid.deliveries]), f"{name} was delivered {paid.deliveries} times and "
                              f"appended {len(appended)} times")
        if paid.acknowledged > len(appended):
            self.findings.add("money", name, f"was acknowledged {paid.acknowledged} times and appended {len(appended)} times")
        ends = self.ends.get(paid.payment_id, [])
        if paid.acknowledged and not ends:
            self.findings.add("money", name, f"over {paid.amount_minor} {paid.currency} was acknowledged and has no end")
        for end in ends:
            if (end.amount_minor, end.currency) != (paid.amount_minor, paid.currency):
                self.findings.add("money", name, f"is over {paid.amount_minor} {paid.currency}, the log has {end.amount_minor} "
                                  f"{end.currency}")
            self._compare_order_of(name, paid, end)

    def _compare_order_of(self, name, paid, end):
        """A payment for an order of ours is about that order; the HMAC of its public id is not looked at."""
        meant = self.fold.state.order_of(paid.ticket.value) if paid.ticket else None
        if meant is not None and end.order != meant.id:
            self.findings.add("money", name, f"was for order {meant.id}, the log has it for {end.order}")
        elif meant is None and end.end == records.PAYMENT_PAID:
            self.findings.add("money", name, f"was for no order of ours ({paid.order}), and paid {end.order}")


def summarise_money(fold, paid):
    """How payments ended, and what the gateway still has not been acknowledged."""
    payments = [entry.payment for entry in fold.state.payment_entries.values()]
    back = [payment for payment in payments if payment.end == records.PAYMENT_REFUND_DUE]
    known = (paid or {}).values()
    return {
        "paid": sum(payment.end == records.PAYMENT_PAID for payment in payments),
        "bought_again": sum(step.event == "bought_again" for entry in fold.state.orders.values() for step in entry.history),
        "refund_due": dict(Counter(reason_name(payment.refund_reason) for payment in back)),
        "refund_settled": sum(payment.refund_settled for payment in back),
        "delivered": sum(each.deliveries for each in known),
        "taken": len(known),
        "unacknowledged": sum(each.deliveries > 0 and not each.acknowledged for each in known),
    }
