"""Redis against the fold of `orders` (I7): what it holds, and what it promises to hold."""

import json

from audit.messages import reason_name, records, status_name
from audit.tickets import OFFSET_BITS, ticket_of

LIVE = (records.HELD, records.PAID)


def compare_redis(fold, keys, findings, clocks_differ_ms=0):
    """`keys`: key -> {field: text}, everything of sluice's that Redis holds. `clocks_differ_ms`: the broker's and the ledgers'."""
    position = fold.generation << OFFSET_BITS
    wanted = {f"stock:{sku}": _stock_fields(fold, sale, sku) for sku, sale in fold.state.current.items()}
    wanted |= {f"order:{ticket}": order_fields(fold, entry) for ticket, entry in fold.state.orders.items()}
    wanted |= {f"order:{ticket}": {"version": position | ticket_of(ticket).offset, "alias_of": order}
               for ticket, order in fold.state.aliases.items()}
    wanted |= _refunds(fold, position)
    for key, fields in wanted.items():
        found = keys.get(key)
        if found is None:
            if not _may_have_ended(fold, keys, key):
                findings.add("redis_drift", key, "is not there")
            continue
        if differences := differences_of(found, fields) + _more_differences(fold, key, found, clocks_differ_ms):
            findings.add("redis_drift", key, "; ".join(differences))
    for key in sorted(keys.keys() - wanted.keys()):
        if key.partition(":")[0] not in ("progress", "kept_since"):
            findings.add("redis_drift", key, "is in Redis, and no event made it")
    for partition, next_position in fold.next_positions().items():
        reached = int(keys.get(f"progress:{partition}", {}).get("version", 0))
        if reached < next_position:
            findings.add("redis_drift", f"progress:{partition}", f"is at {reached}, the log at {next_position}")


def differences_of(found, wanted):
    return [f"{name} is {found.get(name)!r} and should be {value!r}" for name, value in wanted.items()
            if str(found.get(name)) != str(value)]


def _may_have_ended(fold, keys, key):
    """Closed orders and aliases end some time after their deadline, unless kept_since promises that they are still there."""
    kind, _, name = key.partition(":")
    if kind != "order":
        return False
    entry = fold.state.orders.get(int(name))
    if entry is not None and entry.order.status in LIVE:
        return False
    ticket = ticket_of(int(name))
    promise = keys.get(f"kept_since:{ticket.partition}")
    return promise is None or ticket.position < int(promise["version"])


def _more_differences(fold, key, found, clocks_differ_ms):
    """Of fields that the log does not give to the digit."""
    kind, _, name = key.partition(":")
    if kind == "stock":
        return _slot_differences(found, fold.state.current[name])
    if kind != "order" or int(name) not in fold.state.orders:
        return []
    entry = fold.state.orders[int(name)]
    if entry.order.status != records.HELD:
        return ["pay_by_ms is there, and there is nothing to pay"] if "pay_by_ms" in found else []
    pay_by, deadline = int(found.get("pay_by_ms", 0)), entry.order.deadline_ms
    # By the ledger's clock. What is no more than the deadline is never too late, also when the broker's clock went back meanwhile.
    latest = max(entry.hold_ends_ms, deadline) + clocks_differ_ms
    return [] if deadline <= pay_by <= latest else [f"pay_by_ms is {pay_by} and should lie between {deadline} and {latest}"]


def _stock_fields(fold, sale, sku):
    definition = sale.definition
    return {"sale_id": definition.sale_id, "title": definition.title, "price_minor": definition.price_minor,
            "currency": definition.currency, "limit_per_user": definition.limit_per_user,
            "hold_seconds": definition.hold_seconds, "defined": sale.offered + sale.unopened, "unopened": sale.unopened,
            "available": sale.available, "held": sale.held, "sold": sale.sold, "withdrawn": sale.withdrawn,
            "frozen": int(sku in fold.state.frozen), "version": fold.generation << OFFSET_BITS | sale.last_changed}


def _slot_differences(found, sale):
    wanted = [(slot.opens_ms, slot.closes_ms, slot.quantity, index in sale.opened)
              for index, slot in enumerate(sale.definition.slots)]
    try:
        slots = [(slot["opens_ms"], slot["closes_ms"], slot["quantity"], bool(slot["opened"]))
                 for slot in json.loads(found.get("slots", "[]"))]
    except (ValueError, KeyError, TypeError):
        return [f"slots is {found.get('slots')!r}"]
    return [] if slots == wanted else [f"slots are {slots} and should be {wanted}"]


def order_fields(fold, entry):
    order = entry.order
    return {"version": fold.generation << OFFSET_BITS | entry.version, "status": status_name(order.status), "sku": order.sku,
            "user": order.user, "quantity": order.quantity, "amount_minor": order.amount_minor, "currency": order.currency,
            "created_ms": order.created_ms, "deadline_ms": order.deadline_ms}


def _refunds(fold, position):
    """refunds:<order>: a field for each payment of the order that goes back."""
    wanted = {}
    for (_, payment_id), entry in fold.state.payment_entries.items():
        payment = entry.payment
        if payment.end != records.PAYMENT_REFUND_DUE or not payment.order:
            continue
        fields = wanted.setdefault(f"refunds:{payment.order}", {"version": 0})
        fields["version"] = max(fields["version"], position | entry.version)
        fields[f"payment:{payment_id}"] = _Json(
            version=position | entry.version, amount_minor=payment.amount_minor, currency=payment.currency,
            reason=reason_name(payment.refund_reason), settled=payment.refund_settled)
    return wanted


class _Json(dict):
    """Compared as Redis has it: without spaces."""

    def __str__(self):
        return json.dumps(self, separators=(",", ":"))
