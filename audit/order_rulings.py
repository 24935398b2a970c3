"""Was each verdict on paying, cancelling, refunding and settling right, given what stood before it? As rulings.py for purchases.

What is wrong about money counts as `money`, a wrong answer to a cancellation as `lost`.
"""

from audit.messages import intents, reason_name, records

ACCEPTED, REFUSED, DUPLICATE = records.ACCEPTED, records.REFUSED, records.DUPLICATE
CLOSED_UNPAID = (records.CANCELLED, records.RELEASED)


class Wanted:
    """What should have been ruled."""

    def __init__(self, outcome, reason=0, event=None, duplicate_of=0, payment_end=0):
        self.outcome, self.reason, self.event, self.duplicate_of = outcome, reason, event, duplicate_of
        self.payment_end = payment_end

    def __str__(self):
        words = records.Outcome.Name(self.outcome).lower()
        if self.reason:
            words += f" ({reason_name(self.reason)})"
        if self.event:
            words += f", {self.event}"
        return words + (f" of {self.duplicate_of}" if self.duplicate_of else "")


def judge_pay(bench, pay):
    """I8: every verified payment ends once, as Paid or as RefundDue; none is refused for what stands in the log."""
    if is_refused_for_its_form(bench, "money"):
        return
    seen = bench.state.payment(bench.asked.ticket.partition, pay.payment_id)
    order = bench.state.order_of(pay.order)
    if seen is not None:
        expect(bench, "money", Wanted(DUPLICATE, seen.refund_reason, duplicate_of=seen.ticket))
        return
    reason = _why_money_goes_back(bench, pay, order)
    event = "paid" if reason == 0 else "refund_due"
    end = records.PAYMENT_PAID if reason == 0 else records.PAYMENT_REFUND_DUE
    if not expect(bench, "money", Wanted(ACCEPTED, event=event)):
        return
    change = bench.change
    wanted = {"id": pay.payment_id, "order": order.id if order else pay.order, "amount_minor": pay.amount_minor,
              "currency": pay.currency, "end": end, "refund_reason": reason, "refund_settled": False,
              "ticket": bench.asked.ticket.value}
    _compare_payment(bench, change, wanted)
    if event == "refund_due" and change.refund_due.reason != reason:
        bench.wrong("money", f"the reason of the refund is {reason_name(reason)}, not {reason_name(change.refund_due.reason)}")
    if event == "paid":
        _compare_order(bench, "money", change, order, records.PAID)
        if change.orders and change.orders[0].payment_id != pay.payment_id:
            bench.wrong("money", f"the order says that {change.orders[0].payment_id!r} paid it, not {pay.payment_id!r}")
        if change.paid.bought_again != (order.status in CLOSED_UNPAID):
            bench.wrong("money", "the record is wrong about whether the units were bought again")
    elif change.orders:
        bench.wrong("money", "money that goes back changes no order")


def _why_money_goes_back(bench, pay, order):
    """The reason, or 0: it pays the order."""
    if order is None:
        return records.UNKNOWN_ORDER
    if (order.amount_minor, order.currency) != (pay.amount_minor, pay.currency):
        return records.WRONG_AMOUNT
    if order.status == records.HELD:
        return 0
    if order.status == records.PAID:
        return records.PAID_BY_ANOTHER
    if order.status not in CLOSED_UNPAID:
        return records.ALREADY_CLOSED
    sale = bench.state.current.get(order.sku)
    rebuys = sale is not None and sale.definition.late_payment == intents.LATE_PAYMENT_REBUY_OR_REFUND
    if not rebuys or sale.definition.sale_id != order.sale_id:
        return records.PAID_TOO_LATE
    return _why_not_bought_again(bench, sale, order)


def _why_not_bought_again(bench, sale, order):
    """Buying again must pass what a purchase must pass, in the order in which a purchase is asked."""
    if not sale.runs_at(bench.asked.log_time):
        return records.NOT_ON_SALE
    if order.sku in bench.state.frozen:
        return records.FROZEN
    if sale.available < order.quantity:
        return records.SOLD_OUT
    if sale.units_of_user.get(order.user, 0) + order.quantity > sale.definition.limit_per_user:
        return records.LIMIT_REACHED
    return 0


def judge_cancel(bench, cancel):
    if is_refused_for_its_form(bench, "lost"):
        return
    order = bench.state.order_of(cancel.order)
    if order is None:
        wanted = Wanted(REFUSED, records.UNKNOWN_ORDER)
    elif order.user != cancel.user:
        wanted = Wanted(REFUSED, records.NOT_YOURS)
    elif order.status == records.HELD:
        wanted = Wanted(ACCEPTED, event="cancelled")
    elif order.status == records.CANCELLED:
        wanted = Wanted(DUPLICATE, duplicate_of=order.id)
    else:
        wanted = Wanted(REFUSED, records.ALREADY_PAID if order.status == records.PAID else records.ALREADY_CLOSED)
    if expect(bench, "lost", wanted) and wanted.event:
        _compare_order(bench, "lost", bench.change, order, records.CANCELLED)


def judge_refund(bench, refund):
    if is_refused_for_its_form(bench, "money"):
        return
    content = ("refund", refund.order, refund.restock)
    if (repeated := wanted_of_repetition(bench, refund.request_key, content)) is not None:
        expect(bench, "money", repeated)
        return
    order = bench.state.order_of(refund.order)
    wanted = _wanted_of_refund(order)
    bench.state.use_admin_key(bench.asked.ticket, refund.request_key, content, wanted.reason)
    if not expect(bench, "money", wanted) or not wanted.event:
        return
    _compare_order(bench, "money", bench.change, order, records.REFUNDED)
    payment = bench.state.payment(bench.asked.ticket.partition, order.payment_id)
    if payment is None:
        bench.wrong("money", f"no payment {order.payment_id!r} is known to pay back")
        return
    if bench.change.refunded.restocked != refund.restock:
        bench.wrong("money", f"restock={refund.restock} was asked")
    _compare_payment(bench, bench.change, {"id": payment.id, "end": records.PAYMENT_REFUND_DUE,
                                           "refund_reason": records.REFUND_REQUESTED, "amount_minor": payment.amount_minor,
                                           "refund_settled": False})


def wanted_of_repetition(bench, request_key, content):
    """Of an administrator's act whose key was used before, or None: it was not."""
    first = bench.state.admin_uses.get((bench.asked.ticket.partition, request_key))
    if first is None:
        return None
    if first.content != content:
        return Wanted(REFUSED, records.KEY_REUSED)
    return Wanted(DUPLICATE, first.reason, duplicate_of=first.ticket)


def _wanted_of_refund(order):
    if order is None:
        return Wanted(REFUSED, records.UNKNOWN_ORDER)
    if order.status == records.PAID:
        return Wanted(ACCEPTED, event="refunded")
    return Wanted(REFUSED, records.NOT_PAID if order.status == records.HELD else records.ALREADY_CLOSED)


def judge_refund_settled(bench, settled):
    if is_refused_for_its_form(bench, "money"):
        return
    payment = bench.state.payment(bench.asked.ticket.partition, settled.payment_id)
    if payment is None:
        wanted = Wanted(REFUSED, records.UNKNOWN_PAYMENT)
    elif payment.end != records.PAYMENT_REFUND_DUE:
        wanted = Wanted(REFUSED, records.NO_REFUND_DUE)
    elif payment.refund_settled:
        wanted = Wanted(DUPLICATE, duplicate_of=payment.ticket)
    else:
        wanted = Wanted(ACCEPTED, event="refund_settled")
    if expect(bench, "money", wanted) and wanted.event:
        _compare_payment(bench, bench.change, {"id": payment.id, "end": records.PAYMENT_REFUND_DUE, "refund_settled": True})


def is_refused_for_its_form(bench, kind):
    """What is asked of the wrong partition, or out of bounds, is refused whatever the history is. The doors let none of it in,
    so this check only wants such a refusal to have changed nothing."""
    verdict = bench.verdict
    if verdict.outcome != REFUSED or verdict.reason not in (records.INVALID, records.WRONG_PARTITION):
        return False
    order = getattr(getattr(bench.asked.intent, bench.asked.intent.WhichOneof("kind")), "order", 0)
    if verdict.reason == records.WRONG_PARTITION and order and order >> 52 == bench.asked.ticket.partition:
        bench.wrong(kind, "the order is of this partition")
    if bench.change is not None and (bench.change.orders or bench.change.payments):
        bench.wrong(kind, "the record changes orders or payments")
    return True


def expect(bench, kind, wanted):
    """Whether it was ruled as wanted."""
    event = bench.change.WhichOneof("event") if bench.change is not None else None
    event = None if event == "only_slots_opened" else event
    verdict = bench.verdict
    told = (verdict.outcome, verdict.reason, verdict.duplicate_of, event)
    if told == (wanted.outcome, wanted.reason, wanted.duplicate_of, wanted.event):
        return True
    bench.wrong(kind, f"it should be {wanted}" + (f"; the record says {event}" if event else ""))
    return False


def _compare_payment(bench, change, wanted):
    if len(change.payments) != 1:
        bench.wrong("money", f"the record has {len(change.payments)} payments instead of one")
        return
    for name, value in wanted.items():
        if getattr(change.payments[0], name) != value:
            bench.wrong("money", f"the payment's {name} is {getattr(change.payments[0], name)!r} and should be {value!r}")


def _compare_order(bench, kind, change, order, status):
    """What else of an order may not change, the fold says."""
    if [(each.id, each.status) for each in change.orders] != [(order.id, status)]:
        bench.wrong(kind, f"the record should have order {order.id} as {records.OrderStatus.Name(status).lower()} and no other")
