"""MySQL against the fold of `orders` (I7), except rows of which a dead letter speaks."""

from audit.compare_redis import differences_of, order_fields
from audit.compare_tables import compare_tables
from audit.dead_letters import DeadLetters
from audit.tickets import OFFSET_BITS, ticket_of


def compare_mysql(fold, stores, findings):
    """A row that the sink was refused, and says so in `dead-letters`, is no drift."""
    letters = DeadLetters(stores.dead_letters)
    _compare_orders(fold, stores.mysql_orders, letters, findings)
    _compare_positions(fold, stores.mysql_positions, findings)
    compare_tables(fold, stores.mysql_tables, letters, findings)


def _compare_orders(fold, rows, letters, findings):
    found = {int(row["id"]): row for row in rows}
    for ticket, entry in fold.state.orders.items():
        row = found.get(ticket)
        if letters.tell_of("orders", (ticket,), fold.generation << OFFSET_BITS | entry.version):
            continue
        if row is None:
            findings.add("mysql_drift", f"order {ticket}", "has no row")
            continue
        wanted = order_fields(fold, entry) | {"partition": ticket_of(ticket).partition, "sale_id": entry.order.sale_id,
                                               "payment_id": entry.order.payment_id}
        row = dict(row, payment_id=row.get("payment_id") or "")
        if differences := differences_of(row, wanted):
            findings.add("mysql_drift", f"order {ticket}", "; ".join(differences))
    for ticket in sorted(found.keys() - fold.state.orders.keys()):
        findings.add("mysql_drift", f"order {ticket}", "has a row, and no event made it")


def _compare_positions(fold, positions, findings):
    reached = {int(row["partition"]): row for row in positions}
    for partition, position in fold.next_positions().items():
        row = reached.get(partition, {})
        at = (int(row.get("generation", 0)) << OFFSET_BITS) | int(row.get("next_offset", 0))
        if at < position:
            findings.add("mysql_drift", f"position of partition {partition}", f"is {at}, the log is at {position}")
        digest = fold.digests.get((partition, int(row.get("next_offset", 0))))
        if row and int(row["digest"]) != digest:
            findings.add("mysql_drift", f"position of partition {partition}", f"has digest {row['digest']}, the log there {digest}")
