"""Redis and MySQL against the fold of `orders` (I7)."""

import json

from audit.compare_tables import compare_tables
from audit.messages import records, status_name
from audit.tickets import OFFSET_BITS, ticket_of

CLOSED = (records.CANCELLED, records.RELEASED, records.REFUNDED)


def next_positions(fold):
    """Partition -> position of its first intent without a ruling, for the partitions that have any rulings."""
    return {partition: fold.generation << OFFSET_BITS | offset for partition, offset in fold.next_offset.items() if offset}


def _differences(found, wanted):
    return [f"{name} is {found.get(name)!r} and should be {value!r}" for name, value in wanted.items()
            if str(found.get(name)) != str(value)]


def compare_redis(fold, keys, findings):
    """`keys`: key -> {field: text}, everything of sluice's that Redis holds."""
    wanted = {f"stock:{sku}": _stock_fields(fold, sale, sku) for sku, sale in fold.state.current.items()}
    wanted |= {f"order:{ticket}": _order_fields(fold, entry) for ticket, entry in fold.state.orders.items()}
    for key, fields in wanted.items():
        found = keys.get(key)
        if found is None:
            # The view drops closed orders after a while.
            if not key.startswith("order:") or fields["status"] not in map(status_name, CLOSED):
                findings.add("redis_drift", key, "is not there")
            continue
        differences = _differences(found, fields)
        if key.startswith("stock:"):
            differences += _slot_differences(found, fold.state.current[key.removeprefix("stock:")])
        if differences:
            findings.add("redis_drift", key, "; ".join(differences))
    for key in sorted(keys.keys() - wanted.keys()):
        if not key.startswith("progress:"):
            findings.add("redis_drift", key, "is in Redis, and no event made it")
    for partition, position in next_positions(fold).items():
        reached = int(keys.get(f"progress:{partition}", {}).get("version", 0))
        if reached < position:
            findings.add("redis_drift", f"progress:{partition}", f"is at {reached}, the log at {position}")


def _stock_fields(fold, sale, sku):
    definition = sale.definition
    return {"sale_id": definition.sale_id, "title": definition.title, "price_minor": definition.price_minor,
            "currency": definition.currency, "limit_per_user": definition.limit_per_user,
            "defined": sale.offered + sale.unopened, "unopened": sale.unopened, "available": sale.available, "held": sale.held,
            "sold": sale.sold, "withdrawn": sale.withdrawn, "frozen": int(sku in fold.state.frozen),
            "version": fold.generation << OFFSET_BITS | sale.last_changed}


def _slot_differences(found, sale):
    wanted = [(slot.opens_ms, slot.closes_ms, slot.quantity, index in sale.opened)
              for index, slot in enumerate(sale.definition.slots)]
    try:
        slots = [(slot["opens_ms"], slot["closes_ms"], slot["quantity"], bool(slot["opened"]))
                 for slot in json.loads(found.get("slots", "[]"))]
    except (ValueError, KeyError, TypeError):
        return [f"slots is {found.get('slots')!r}"]
    return [] if slots == wanted else [f"slots are {slots} and should be {wanted}"]


def _order_fields(fold, entry):
    order = entry.order
    return {"version": fold.generation << OFFSET_BITS | entry.version, "status": status_name(order.status), "sku": order.sku,
            "user": order.user, "quantity": order.quantity, "amount_minor": order.amount_minor, "currency": order.currency,
            "created_ms": order.created_ms, "deadline_ms": order.deadline_ms}


def compare_mysql(fold, stores, findings):
    """A row that the sink was refused, and says so in `dead-letters`, is no drift."""
    letters = {(order, version) for order, version in stores.dead_letters}
    _compare_orders(fold, stores.mysql_orders, letters, findings)
    _compare_positions(fold, stores.mysql_positions, findings)
    compare_tables(fold, stores.mysql_tables, letters, findings)


def _compare_orders(fold, rows, letters, findings):
    found = {int(row["id"]): row for row in rows}
    for ticket, entry in fold.state.orders.items():
        row = found.get(ticket)
        if (ticket, fold.generation << OFFSET_BITS | entry.version) in letters:
            continue
        if row is None:
            findings.add("mysql_drift", f"order {ticket}", "has no row")
            continue
        wanted = _order_fields(fold, entry) | {"partition": ticket_of(ticket).partition, "sale_id": entry.order.sale_id,
                                               "payment_id": entry.order.payment_id}
        row = dict(row, payment_id=row.get("payment_id") or "")
        if differences := _differences(row, wanted):
            findings.add("mysql_drift", f"order {ticket}", "; ".join(differences))
    for ticket in sorted(found.keys() - fold.state.orders.keys()):
        findings.add("mysql_drift", f"order {ticket}", "has a row, and no event made it")


def _compare_positions(fold, positions, findings):
    reached = {int(row["partition"]): row for row in positions}
    for partition, position in next_positions(fold).items():
        row = reached.get(partition, {})
        at = (int(row.get("generation", 0)) << OFFSET_BITS) | int(row.get("next_offset", 0))
        if at < position:
            findings.add("mysql_drift", f"position of partition {partition}", f"is {at}, the log is at {position}")
        digest = fold.digests.get((partition, int(row.get("next_offset", 0))))
        if row and int(row["digest"]) != digest:
            findings.add("mysql_drift", f"position of partition {partition}", f"has digest {row['digest']}, the log there {digest}")
