"""A scribe who also writes what comes after the click: payments, cancellations, releases and refunds, with the gateway's book."""

from audit.messages import intents, records
from audit.tickets import Ticket
from scribe import GENERATION, PARTITIONS, RECORD_DELAY_MS, Scribe, public_id

HOLD_MS = 1_200_000


class Cashier(Scribe):
    """`mistake(change)`, where there is one, spoils the record of the act before it is written. Acts return their ticket."""

    def __init__(self, rebuys=False, **options):
        super().__init__(**options)
        self.payments = {}
        self.book = []  # lines of the gateway's journal
        if rebuys:
            self.sale.late_payment = intents.LATE_PAYMENT_REBUY_OR_REFUND

    def pay(self, order, payment_id, amount=None, currency="EUR", mistake=None, booked=True):
        """`order`: the ticket of the purchase."""
        held, _ = self.orders.get(order.value, (None, 0))
        amount = held.amount_minor if amount is None else amount
        ticket = self.append(self.log_time, pay={"order": order.value if held else 0, "payment_id": payment_id,
                                                 "amount_minor": amount, "currency": currency})
        if booked:
            self._book(order, payment_id, amount, currency)
        if payment_id in self.payments:
            first = self.payments[payment_id]
            return self._unchanged(ticket, records.DUPLICATE, first.refund_reason, first.ticket, mistake)
        reason, again = self._reason(held, amount, currency)
        change = self._change(self.sku if held else "")
        payment = change.payments.add(id=payment_id, order=held.id if held else 0, amount_minor=amount, currency=currency,
                                      refund_reason=reason, ticket=ticket.value)
        if reason:
            payment.end = records.PAYMENT_REFUND_DUE
            change.refund_due.reason = reason
        else:
            payment.end = records.PAYMENT_PAID
            change.paid.bought_again = again
            self._move(change, held, records.PAID, payment_id)
        return self._write_act(ticket, change, mistake)

    def _reason(self, held, amount, currency):
        """Why money goes back, or 0; and whether the units are bought again."""
        if held is None:
            return records.UNKNOWN_ORDER, False
        if (held.amount_minor, held.currency) != (amount, currency):
            return records.WRONG_AMOUNT, False
        if held.status in (records.CANCELLED, records.RELEASED):
            if self.sale.late_payment != intents.LATE_PAYMENT_REBUY_OR_REFUND:
                return records.PAID_TOO_LATE, False
            return (0 if self.available >= held.quantity else records.SOLD_OUT), True
        return {records.HELD: 0, records.PAID: records.PAID_BY_ANOTHER}.get(held.status, records.ALREADY_CLOSED), False

    def cancel(self, order, user=None, mistake=None, force=None):
        """`force`: outcome and reason instead of the right ones, of a cancellation that changes nothing."""
        held, _ = self.orders[order.value]
        ticket = self.append(self.log_time, cancel={"order": order.value, "user": user or held.user})
        refusal = {records.PAID: records.ALREADY_PAID, records.RELEASED: records.ALREADY_CLOSED,
                   records.REFUNDED: records.ALREADY_CLOSED}.get(held.status)
        if user not in (None, held.user):
            refusal = records.NOT_YOURS
        if force or refusal or held.status == records.CANCELLED:
            outcome, reason = force or ((records.REFUSED, refusal) if refusal else (records.DUPLICATE, 0))
            first = held.id if outcome == records.DUPLICATE else 0
            return self._unchanged(ticket, outcome, reason, first, mistake)
        change = self._change(self.sku)
        change.cancelled.SetInParent()
        self._move(change, held, records.CANCELLED)
        return self._write_act(ticket, change, mistake)

    def release(self, *orders, after_ms=HOLD_MS + RECORD_DELAY_MS, mistake=None):
        """A Due that is appended so long after the hold of the first began, and releases these."""
        first, _ = self.orders[orders[0].value]
        until = first.created_ms + after_ms
        ticket = self.append(until, due={"sku": self.sku, "through_ms": until, "limit": 100})
        change = self._change(self.sku)
        change.released.SetInParent()
        for order in orders:
            self._move(change, self.orders[order.value][0], records.RELEASED)
        return self._write_act(ticket, change, mistake)

    def refund(self, order, key="refund-1", restock=True, mistake=None):
        paid, _ = self.orders[order.value]
        ticket = self.append(self.log_time, refund={"request_key": key, "order": order.value, "restock": restock})
        change = self._change(self.sku)
        change.refunded.restocked = restock
        payment = change.payments.add()
        payment.CopyFrom(self.payments[paid.payment_id])
        payment.end, payment.refund_reason = records.PAYMENT_REFUND_DUE, records.REFUND_REQUESTED
        self._move(change, paid, records.REFUNDED)
        self.withdrawn += 0 if restock else paid.quantity
        return self._write_act(ticket, change, mistake)

    def settle(self, payment_id, mistake=None):
        before = self.payments[payment_id]
        ticket = self.append(self.log_time, refund_settled={"payment_id": payment_id, "order": before.order})
        change = self._change("")
        change.refund_settled.SetInParent()
        payment = change.payments.add()
        payment.CopyFrom(before)
        payment.refund_settled = True
        return self._write_act(ticket, change, mistake)

    def _change(self, sku):
        return records.Change(sku=sku, verdict=records.Verdict(outcome=records.ACCEPTED))

    def _move(self, change, order, status, payment_id=None):
        after = change.orders.add()
        after.CopyFrom(order)
        after.status = status
        if payment_id:
            after.payment_id = payment_id

    def _write_act(self, ticket, change, mistake):
        """What the record says counts, also after a mistake: the fold must find that it was wrong, not that it is torn."""
        if mistake:
            mistake(change)
        for order in change.orders:
            before, _ = self.orders[order.id]
            self.orders[order.id] = (order, ticket.offset)
            active = (records.HELD, records.PAID)
            taken = (order.status in active) - (before.status in active)
            self.units[order.user] += taken * order.quantity
        self._count_available()
        for payment in change.payments:
            self.payments[payment.id] = payment
        self.write_change(ticket, change)
        return ticket

    def _count_available(self):
        counts = self._counters()
        self.available = self.stock - counts["held"] - counts["sold"] - counts["withdrawn"]

    def _unchanged(self, ticket, outcome, reason, first, mistake):
        verdict = records.Verdict(outcome=outcome, reason=reason, duplicate_of=first)
        if mistake:
            mistake(verdict)
        self.run.append((ticket.offset, self.log_time, verdict))
        return ticket

    def _book(self, order, payment_id, amount, currency):
        line = {"t": self.log_time, "payment_id": payment_id, "order": public_id(order), "amount_minor": amount,
                "currency": currency, "times": 1, "deliveries": 1, "acknowledged": 1}
        before = [each for each in self.book if each["payment_id"] == payment_id]
        for count in ("deliveries", "acknowledged"):
            line[count] += before[-1][count] if before else 0
        self.book.append(line)


def no_order():
    return Ticket(PARTITIONS - 1, GENERATION, 4711)
