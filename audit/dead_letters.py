"""Rows that MySQL refused: the sink passes over them, and says so in the topic `dead-letters` (schemas/dead_letter.proto)."""

from audit.messages import reason_name
from audit.tickets import ticket_of


def refused_row(letter):
    """[table, key …, version], and for refusals [table, key …, since, count]; the key is the table's."""
    table = letter.table or "orders"
    if table == "payments":
        payment = letter.payment.payment
        return [table, payment.id, ticket_of(payment.ticket).partition, letter.version]
    if table == "sales":
        return [table, letter.sale.sale.sku, letter.version]
    if table == "order_history":
        return [table, letter.transition.order, letter.version]
    if table == "refusals":
        refused = letter.refusals
        return [table, refused.sku, refused.sale_id, refused.slot, reason_name(refused.reason), refused.since, refused.count]
    return [table, letter.order.id, letter.version]


class DeadLetters:
    """`rows`: as refused_row says them, in the order of the letters."""

    def __init__(self, rows):
        self._states = {tuple(row) for row in rows if row[0] != "refusals"}
        counts = {tuple(row[1:-1]): row[-1] for row in rows if row[0] == "refusals"}  # of several since the same intent the last
        self._refusals = {}
        for (*key, _since), count in counts.items():
            self._refusals[tuple(key)] = self._refusals.get(tuple(key), 0) + count

    def tell_of(self, table, key, version):
        """Whether the row of this key in its state at `version` was refused."""
        return (table, *key, version) in self._states

    def refusals(self, key):
        """How many refusals of a row of `refusals` were not counted there."""
        return self._refusals.get(key, 0)
