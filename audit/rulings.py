"""Was each verdict right, given what stood before it? A second opinion, rule by rule: on purchases here, on what comes after them
in order_rulings.py, on administration in admin_rulings.py.

What stood before is what the events added up to, so a wrong ruling is found where it was made and not again in all that follow.
"""

from dataclasses import dataclass

from audit.admin_rulings import judge_adjust_stock, judge_freeze
from audit.findings import spot
from audit.ledger_state import KeyUse
from audit.messages import outcome_name, reason_name, records
from audit.order_rulings import judge_cancel, judge_pay, judge_refund, judge_refund_settled
from audit.tickets import Ticket, partition_of

QUANTITY_MAX = 1000
NAME_BYTES_MAX = 64
# Keys of refused purchases are remembered this long at least, unless 2^21 others of the partition push them out.
WINDOW_MS = 10 * 60 * 1000
WINDOW_KEYS = 1 << 21


@dataclass(frozen=True)
class Asked:
    """An intent and where and when it was asked."""

    ticket: Ticket
    intent: object  # None for bytes that are no intent
    log_time: int
    partition_count: int


class _Bench:
    """One ruling under review."""

    def __init__(self, state, asked, verdict, change, findings):
        self.state, self.asked, self.verdict, self.change, self.findings = state, asked, verdict, change, findings

    def wrong(self, kind, text, count=1):
        told = outcome_name(self.verdict)
        if self.verdict.reason:
            told += f" ({reason_name(self.verdict.reason)})"
        ticket = self.asked.ticket
        self.findings.add(kind, spot(ticket.partition, ticket.offset, ticket.value), f"ruled {told}, but {text}", count)


def judge(state, asked, verdict, change, findings):
    bench = _Bench(state, asked, verdict, change, findings)
    if (asked.intent is None) != (verdict.outcome == records.UNREADABLE):
        bench.wrong("lost", "the bytes are no intent" if asked.intent is None else "the bytes are a good intent")
        return
    if asked.intent is None:
        return
    kind = asked.intent.WhichOneof("kind")
    if judge_kind := _JUDGES.get(kind):
        judge_kind(bench, getattr(asked.intent, kind))
    reserves = change is not None and change.WhichOneof("event") == "reserved"
    if reserves and (kind != "purchase" or verdict.outcome != records.ACCEPTED):
        bench.wrong("doubled", f"the record reserves an order for this {kind}")


def _judge_purchase(bench, purchase):
    if _has_bad_form(bench, purchase):
        return
    key = (purchase.user, purchase.sku, purchase.request_key)
    first = bench.state.first_use.get(key)
    outcome = bench.verdict.outcome
    if first is not None and _is_forgotten(first, bench.asked, outcome):
        first = None
    if outcome == records.ACCEPTED:
        _judge_reserved(bench, purchase, first)
        bench.state.orders_of_key.setdefault(key, []).append(bench.asked.ticket.value)
    elif outcome == records.DUPLICATE:
        _judge_duplicate(bench, purchase, first)
        if first is not None and first.outcome == records.ACCEPTED:
            bench.state.add_alias(bench.asked.ticket.value, first.ticket)
    elif outcome == records.REFUSED:
        _judge_refused(bench, purchase, first)
    else:
        bench.wrong("lost", "a purchase is accepted, refused or a duplicate")
    if first is None and outcome in (records.ACCEPTED, records.REFUSED):
        bench.state.first_use[key] = KeyUse(bench.asked.ticket.value, bench.asked.ticket.offset, bench.asked.log_time,
                                            purchase.quantity, outcome, bench.verdict.reason)


def reasons_in_form(asked, purchase):
    """Why the request is wrong whatever the history is."""
    return [reason for reason in _FORM_EXCUSES if _FORM_EXCUSES[reason](None, asked, purchase) is None]


def _has_bad_form(bench, purchase):
    """Then its key does not count as used."""
    good_reasons = reasons_in_form(bench.asked, purchase)
    is_refused = bench.verdict.outcome == records.REFUSED
    if not good_reasons:
        return False  # a refusal for its form is judged with the others
    if not is_refused or bench.verdict.reason not in good_reasons:
        bench.wrong("other", "the request has a wrong form: " + ", ".join(map(reason_name, good_reasons)))
    return True


def _is_forgotten(first, asked, outcome):
    """Keys of accepted purchases are kept; of how many refused ones there were in between, this check takes the ledger's word."""
    if first.outcome == records.ACCEPTED:
        return False
    may_be_pushed_out = asked.ticket.offset - first.offset >= WINDOW_KEYS and outcome != records.DUPLICATE
    return asked.log_time - first.log_time >= WINDOW_MS or may_be_pushed_out


def _judge_reserved(bench, purchase, first):
    change, asked = bench.change, bench.asked
    if change is None or change.WhichOneof("event") != "reserved" or len(change.orders) != 1:
        bench.wrong("lost", "the record has no order for it")
        return
    if first is not None:
        bench.wrong("doubled", f"the key was ruled on before, at offset {first.offset}: {records.Outcome.Name(first.outcome).lower()}")
    order, sale = change.orders[0], bench.state.current.get(purchase.sku)
    if sale is None:
        bench.wrong("oversold", f"{purchase.sku} has no sale", purchase.quantity)
        return
    wanted = {"id": asked.ticket.value, "sku": purchase.sku, "sale_id": sale.definition.sale_id, "user": purchase.user,
              "quantity": purchase.quantity, "amount_minor": purchase.quantity * sale.definition.price_minor,
              "currency": sale.definition.currency, "created_ms": asked.log_time,
              "deadline_ms": asked.log_time + 1000 * sale.definition.hold_seconds}
    for name, value in wanted.items():
        if getattr(order, name) != value:
            bench.wrong("other", f"the order's {name} is {getattr(order, name)!r} and should be {value!r}")
    has = sale.units_of_user.get(purchase.user, 0)
    over = has + purchase.quantity - sale.definition.limit_per_user
    if over > 0:
        bench.wrong("doubled", f"the user had {has} of {sale.definition.limit_per_user}", min(over, purchase.quantity))
    if not sale.runs_at(asked.log_time):
        bench.wrong("oversold", f"no slot of {purchase.sku} is open at {asked.log_time}", purchase.quantity)
    if purchase.sku in bench.state.frozen:
        bench.wrong("oversold", f"{purchase.sku} is frozen", purchase.quantity)
    # Stock itself is checked at every prefix, by the fold.


def _judge_duplicate(bench, purchase, first):
    verdict = bench.verdict
    if first is None:
        bench.wrong("lost", "its key was never used before")
    elif first.quantity != purchase.quantity:
        bench.wrong("lost", f"the first of its key, at offset {first.offset}, asked for {first.quantity} instead of "
                    f"{purchase.quantity}")
    elif verdict.duplicate_of != first.ticket:
        bench.wrong("lost", f"it names {verdict.duplicate_of} as the first of its key, which is {first.ticket}")
    elif verdict.reason != first.reason:
        bench.wrong("lost", f"the first of its key had {reason_name(first.reason)}")


def _judge_refused(bench, purchase, first):
    reason = bench.verdict.reason
    if first is not None and first.quantity == purchase.quantity:
        bench.wrong("doubled", f"it repeats the request at offset {first.offset}, which has its verdict: a duplicate of it")
        return
    if reason not in _FORM_EXCUSES and (first is not None) != (reason == records.KEY_REUSED):
        bench.wrong("lost", "its key was never used before" if first is None else
                    f"its key was used at offset {first.offset} for {first.quantity}")
        return
    excuse = _EXCUSES.get(reason)
    if excuse is None:
        bench.wrong("lost", "this is no reason to refuse a purchase")
        return
    if problem := excuse(bench.state, bench.asked, purchase):
        bench.wrong("lost", problem)


# Each says what is wrong with refusing the purchase for this reason, or nothing.


def _unknown_sku(state, asked, purchase):
    return f"{purchase.sku} has a sale" if purchase.sku in state.current else None


def _not_on_sale(state, asked, purchase):
    sale = state.current.get(purchase.sku)
    if sale is None:
        return f"{purchase.sku} is unknown"
    return f"a slot of {purchase.sku} is open at {asked.log_time}" if sale.runs_at(asked.log_time) else None


def _frozen(state, asked, purchase):
    return None if purchase.sku in state.frozen else f"{purchase.sku} is not frozen"


def _sold_out(state, asked, purchase):
    sale = state.current.get(purchase.sku)
    if sale is None:
        return f"{purchase.sku} is unknown"
    # A slot that the ledger should have opened counts as open.
    due = sum(sale.definition.slots[index].quantity for index in sale.slots_due(asked.log_time))
    left = sale.available + due
    return f"{left} of {purchase.sku} were left for {purchase.quantity}" if left >= purchase.quantity else None


def _limit_reached(state, asked, purchase):
    sale = state.current.get(purchase.sku)
    if sale is None:
        return f"{purchase.sku} is unknown"
    has, limit = sale.units_of_user.get(purchase.user, 0), sale.definition.limit_per_user
    return None if has + purchase.quantity > limit else f"the user had {has} of {limit} and asked for {purchase.quantity}"


def _bad_quantity(state, asked, purchase):
    return None if not 1 <= purchase.quantity <= QUANTITY_MAX else f"{purchase.quantity} is a good quantity"


def _key_reused(state, asked, purchase):
    return None  # compared with the first use before


def _wrong_partition(state, asked, purchase):
    right = partition_of(purchase.sku, asked.partition_count)
    return f"{purchase.sku} belongs to partition {right}" if right == asked.ticket.partition else None


def _invalid(state, asked, purchase):
    names = (purchase.sku, purchase.user, purchase.request_key)
    good = all(1 <= len(name.encode()) <= NAME_BYTES_MAX for name in names)
    good_sku = all(char.isascii() and (char.isalnum() or char in "._-") for char in purchase.sku)
    return "all its fields are within bounds" if good and good_sku else None


_FORM_EXCUSES = {
    records.BAD_QUANTITY: _bad_quantity,
    records.WRONG_PARTITION: _wrong_partition,
    records.INVALID: _invalid,
}

_EXCUSES = {
    **_FORM_EXCUSES,
    records.UNKNOWN_SKU: _unknown_sku,
    records.NOT_ON_SALE: _not_on_sale,
    records.FROZEN: _frozen,
    records.SOLD_OUT: _sold_out,
    records.LIMIT_REACHED: _limit_reached,
    records.KEY_REUSED: _key_reused,
}


def _judge_due(bench, due):
    if bench.change is None:
        return
    until = min(due.through_ms, bench.asked.log_time)
    for order in bench.change.orders:
        if order.status == records.RELEASED and order.deadline_ms > until:
            bench.wrong("lost", f"order {order.id} could be held until {order.deadline_ms}, not only {until}")
    if len(bench.change.orders) > due.limit:
        bench.wrong("other", f"at most {due.limit} orders should be released, not {len(bench.change.orders)}")


def _judge_define_sale(bench, sale):
    current = bench.state.current.get(sale.sku)
    same = current is not None and current.definition.sale_id == sale.sale_id
    version = current.definition.version if same else 0
    if bench.verdict.outcome == records.ACCEPTED and same and sale.version <= version:
        bench.wrong("other", f"version {version} of the sale stood already")
    if bench.verdict.outcome == records.DUPLICATE and not (same and sale.version == version):
        bench.wrong("lost", f"the sale stood at version {version}, not {sale.version}")


_JUDGES = {
    "purchase": _judge_purchase,
    "pay": judge_pay,
    "cancel": judge_cancel,
    "refund": judge_refund,
    "refund_settled": judge_refund_settled,
    "due": _judge_due,
    "define_sale": _judge_define_sale,
    "adjust_stock": judge_adjust_stock,
    "freeze": judge_freeze,
}
