"""MySQL's tables besides `orders` against the fold: payments, sales, the history of orders, refusals (schemas/mysql/002…)."""

import json

from audit.messages import intents, payment_end_name, reason_name
from audit.tickets import OFFSET_BITS

TABLES = ("payments", "sales", "order_history", "refusals")


def compare_tables(fold, tables, letters, findings):
    """`tables`: name -> rows; what is not there is not compared. `letters`: what the sink was refused."""
    position = fold.generation << OFFSET_BITS
    wanted = {"payments": _payments(fold, position), "sales": _sales(fold, position), "order_history": _history(fold, position),
              "refusals": _refusals(fold, letters)}
    for name, rows in tables.items():
        found = {_KEYS[name](row): row for row in rows}
        for key, fields in wanted[name].items():
            if letters.tell_of(name, *_state(name, key, fields)):
                continue
            where = f"{name} {' '.join(map(str, key))}"
            if key not in found:
                findings.add("mysql_drift", where, "has no row")
            elif differences := [f"{column} is {_plain(found[key].get(column))!r} and should be {value!r}"
                                 for column, value in fields.items() if _plain(found[key].get(column)) != value]:
                findings.add("mysql_drift", where, "; ".join(differences))
        for key in found.keys() - wanted[name].keys():
            findings.add("mysql_drift", f"{name} {' '.join(map(str, key))}", "has a row, and no event made it")


_KEYS = {
    "payments": lambda row: (row["id"], int(row["partition"])),
    "sales": lambda row: (row["sku"],),
    "order_history": lambda row: (int(row["order_id"]), int(row["version"])),
    "refusals": lambda row: (row["sku"], row["sale_id"], int(row["slot"]), row["reason"]),
}


def _state(name, key, fields):
    """A row's key and version; a row of the history has its version in its key, one of refusals has none."""
    return (key[:1], key[1]) if name == "order_history" else (key, fields.get("version"))


def _plain(value):
    """A column's value as the fold has it: JSON text as what it says."""
    if isinstance(value, str) and value.startswith("["):
        return json.loads(value)
    return int(value) if isinstance(value, bool) else value


def _payments(fold, position):
    return {(payment_id, partition): {
        "version": position | entry.version, "order_id": entry.payment.order or None,
        "amount_minor": entry.payment.amount_minor, "currency": entry.payment.currency,
        "end": payment_end_name(entry.payment.end),
        "refund_reason": reason_name(entry.payment.refund_reason) if entry.payment.refund_reason else None,
        "refund_settled": int(entry.payment.refund_settled), "ticket": entry.payment.ticket,
        "created_ms": entry.created_ms, "changed_ms": entry.changed_ms,
    } for (partition, payment_id), entry in fold.state.payment_entries.items()}


def _sales(fold, position):
    return {(sku,): _sale(fold, position, sku, sale) for sku, sale in fold.state.current.items()}


def _sale(fold, position, sku, sale):
    terms = sale.definition
    late = intents.LatePayment.Name(terms.late_payment).removeprefix("LATE_PAYMENT_").lower()
    slots = [{"opens_ms": slot.opens_ms, "closes_ms": slot.closes_ms, "quantity": slot.quantity} for slot in terms.slots]
    return {"partition": sale.partition, "version": position | sale.last_changed, "sale_id": terms.sale_id,
            "sale_version": terms.version, "title": terms.title, "price_minor": terms.price_minor, "currency": terms.currency,
            "limit_per_user": terms.limit_per_user, "hold_seconds": terms.hold_seconds,
            "late_payment": "refund" if late == "unspecified" else late, "slots": slots, "opened_slots": len(sale.opened),
            "frozen": int(sku in fold.state.frozen), "defined": sale.offered + sale.unopened, "unopened": sale.unopened,
            "available": sale.available, "held": sale.held, "sold": sale.sold, "withdrawn": sale.withdrawn,
            "changed_ms": sale.changed_ms}


def _history(fold, position):
    return {(ticket, position | step.version): {"event": step.event, "log_time_ms": step.log_time, "reason": step.reason or None}
            for ticket, entry in fold.state.orders.items() for step in entry.history}


def _refusals(fold, letters):
    counted = {key: count - letters.refusals(key) for key, count in fold.refusals.items()}
    return {key: {"count": count} for key, count in counted.items() if count}
