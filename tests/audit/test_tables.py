"""MySQL's other tables: each column of each is compared, and what MySQL refused is no drift once it is said."""

import json

import pytest

from audit.compare_mysql import compare_mysql
from audit.compare_tables import TABLES
from audit.dead_letters import refused_row
from audit.findings import Findings
from audit.fold import Fold
from audit.messages import letters, records
from audit.stores import Stores
from audit.tickets import OFFSET_BITS, ticket_of
from cashier import Cashier, no_order
from scribe import GENERATION

POSITION = GENERATION << OFFSET_BITS


class Sold:
    """A small sale with every kind of row, and MySQL's rows about it, written by hand from what happened."""

    def __init__(self):
        self.till = till = Cashier(stock=5, limit=2, rebuys=True).define()
        self.paid, self.back, self.gone = (till.buy(f"u{number}", "k") for number in range(3))
        self.greedy = till.buy("u9", "k", quantity=3)
        till.buy("u9", "k", quantity=3)  # a repetition, which is not counted
        self.by = till.pay(self.paid, "p0")
        till.pay(no_order(), "p1", amount=7)
        self.cancelled = till.cancel(self.back)
        self.again = till.pay(self.back, "p2")
        self.released = till.release(self.gone)
        self.refunded = till.refund(self.paid, restock=False)
        self.settled = till.settle("p0")
        self.fold = Fold(till.flush().logs, GENERATION, Findings()).read()
        self.tables = {"payments": self._payments(), "sales": till._tables()["sales"], "order_history": self._history(),
                       "refusals": till._tables()["refusals"]}
        self.tables["sales"][0]["late_payment"] = "rebuy_or_refund"

    def drift(self, tables=None, letters=()):
        findings = Findings()
        stores = self.till.stores()
        compare_mysql(self.fold, Stores({}, stores.mysql_orders, stores.mysql_positions,
                                        self.tables if tables is None else tables, list(letters)), findings)
        return [str(finding) for finding in findings.all]

    def _payments(self):
        def row(name, ticket, order, amount, end, reason, changed, settled=0):
            return {"id": name, "partition": self.till.partition, "version": POSITION | changed.offset, "order_id": order,
                    "amount_minor": amount, "currency": "EUR", "end": end, "refund_reason": reason, "refund_settled": settled,
                    "ticket": ticket.value, "created_ms": self._time(ticket), "changed_ms": self._time(changed)}

        nowhere = next(payment.ticket for name, payment in self.till.payments.items() if name == "p1")
        return [row("p0", self.by, self.paid.value, 500, "refund_due", "refund_requested", self.settled, 1),
                row("p1", ticket_of(nowhere), None, 7, "refund_due", "unknown_order", ticket_of(nowhere)),
                row("p2", self.again, self.back.value, 500, "paid", None, self.again)]

    def _history(self):
        steps = [(self.paid, self.paid, "reserved", None), (self.back, self.back, "reserved", None),
                 (self.gone, self.gone, "reserved", None), (self.paid, self.by, "paid", None),
                 (self.back, self.cancelled, "cancelled", None), (self.back, self.again, "bought_again", None),
                 (self.gone, self.released, "released", None), (self.paid, self.refunded, "refunded", "withdrawn")]
        return [{"order_id": order.value, "version": POSITION | ticket.offset, "event": event, "log_time_ms": self._time(ticket),
                 "reason": reason} for order, ticket, event, reason in steps]

    def _time(self, ticket):
        return max(message.append_ms for message in self.till.logs.intents(self.till.partition)[: ticket.offset + 1])


@pytest.fixture(scope="module")
def sold():
    return Sold()


def test_rows_that_say_what_happened_are_no_drift(sold):
    assert sold.drift() == []
    assert all(sold.tables[name] for name in TABLES)


def test_tables_that_are_not_there_are_not_compared(sold):
    assert sold.drift({}) == []


def with_row(tables, name, rows):
    return {**tables, name: rows}


CELLS = [(name, column) for name, rows in Sold().tables.items() for column in rows[0]]


@pytest.mark.parametrize("name, column", CELLS)
def test_a_changed_cell_is_drift(sold, name, column):
    row = dict(sold.tables[name][0])
    value = row[column]
    row[column] = json.dumps([]) if column == "slots" else value + 1 if isinstance(value, int) else "other"
    drift = sold.drift(with_row(sold.tables, name, [row, *sold.tables[name][1:]]))
    assert drift and all(name in line for line in drift)


@pytest.mark.parametrize("name", TABLES)
def test_a_missing_row_and_an_invented_one_are_drift(sold, name):
    assert len(sold.drift(with_row(sold.tables, name, sold.tables[name][1:]))) == 1
    key = {"payments": "id", "sales": "sku", "order_history": "version", "refusals": "reason"}[name]
    invented = sold.tables[name][0] | {key: 1 if key == "version" else "invented"}
    assert len(sold.drift(with_row(sold.tables, name, [*sold.tables[name], invented]))) == 1


def test_a_row_of_which_a_dead_letter_speaks_is_no_drift_unless_it_is_another_state(sold):
    entry = sold.fold.state.orders[sold.gone.value]
    stores = sold.till.stores()
    stores.mysql_tables = with_row(sold.tables, "order_history", [
        row for row in sold.tables["order_history"] if row["version"] != POSITION | entry.version])
    stores.mysql_orders = [row for row in stores.mysql_orders if row["id"] != sold.gone.value]
    order, step = (("orders", sold.gone.value, POSITION | entry.version), ("order_history", sold.gone.value, POSITION | entry.version))
    for letters, drifts in (([order, step], 0), ([], 2), ([order], 1), ([step], 1),
                            ([("orders", sold.gone.value, POSITION | entry.version - 1), step], 1)):
        findings = Findings()
        stores.dead_letters = letters
        compare_mysql(sold.fold, stores, findings)
        assert len(findings.all) == drifts


def test_a_letter_of_each_table_excuses_its_own_row(sold):
    payment, sale = sold.tables["payments"][0], sold.tables["sales"][0]
    for name, letter in (("payments", ["payments", payment["id"], payment["partition"], payment["version"]]),
                         ("sales", ["sales", sale["sku"], sale["version"]])):
        without = with_row(sold.tables, name, sold.tables[name][1:])
        assert sold.drift(without, [letter]) == []
        assert len(sold.drift(without, [[*letter[:-1], letter[-1] - 1]])) == 1


def test_refusals_of_which_letters_speak_are_not_missed_and_no_others(sold):
    row = sold.tables["refusals"][0]
    key = [row["sku"], row["sale_id"], row["slot"], row["reason"]]
    without = with_row(sold.tables, "refusals", sold.tables["refusals"][1:])
    said_again = [["refusals", *key, 5, row["count"] + 3], ["refusals", *key, 5, row["count"]]]
    assert sold.drift(without, said_again) == []
    assert len(sold.drift(without, [["refusals", *key, 5, row["count"] + 3]])) == 1
    assert len(sold.drift(letters=said_again)) == 1, "the row is there all the same"


def test_a_letter_names_its_row_by_the_key_of_its_table():
    letter = letters.DeadLetter(version=9, table="payments")
    letter.payment.payment.id, letter.payment.payment.ticket = "p0", (3 << 52) | 7
    assert refused_row(letter) == ["payments", "p0", 3, 9]
    assert refused_row(letters.DeadLetter(version=9, order=records.Order(id=4))) == ["orders", 4, 9]
    letter = letters.DeadLetter(version=9, table="refusals")
    letter.refusals.sku, letter.refusals.sale_id, letter.refusals.slot, letter.refusals.count, letter.refusals.since = "m", "s", -1, 6, 2
    letter.refusals.reason = records.SOLD_OUT
    assert refused_row(letter) == ["refusals", "m", "s", -1, "sold_out", 2, 6]
