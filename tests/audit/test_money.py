"""Money: an honest till passes, and every mistake about it is found where it was made."""

import json

import pytest

from audit.findings import Findings
from audit.fold import Fold
from audit.gateway import read_gateway_journal
from audit.messages import records
from audit.money import Money, summarise_money
from cashier import Cashier, no_order
from scribe import GENERATION


class Audit:
    """What the check finds in what a cashier wrote, with the gateway's book or another one."""

    def __init__(self, folder):
        self._path = folder / "payments"

    def read(self, cashier, book=None):
        lines = cashier.book if book is None else book
        self._path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
        self.findings = Findings()
        self.fold = Fold(cashier.flush().logs, GENERATION, self.findings).read()
        self.paid, self.bad_lines = read_gateway_journal(self._path)
        Money(self.fold, self.paid, self.findings).compare()
        return self

    def kinds(self, cashier, book=None):
        return sorted({finding.kind for finding in self.read(cashier, book).findings.all})

    def texts(self):
        return "\n".join(map(str, self.findings.all))


@pytest.fixture
def audit(tmp_path):
    return Audit(tmp_path)


def opened(**options):
    return Cashier(stock=5, limit=2, **options).define()


@pytest.fixture
def till():
    return opened()


def test_an_honest_till_has_no_findings_and_its_payments_are_counted_by_their_ends(audit):
    till = opened(rebuys=True)
    orders = [till.buy(f"u{number}", "k") for number in range(5)]
    till.pay(orders[0], "p0")
    till.pay(orders[0], "p0")  # delivered twice
    till.pay(orders[0], "p0-again")  # another payment
    till.pay(orders[1], "p1", amount=7)
    till.pay(no_order(), "p-nowhere", amount=500)
    till.cancel(orders[2])
    till.cancel(orders[2])
    till.cancel(orders[0])
    till.cancel(orders[1], user="somebody else")
    till.pay(orders[2], "p2")  # bought again
    till.release(orders[1], orders[3])
    till.refund(orders[0], restock=False)
    till.settle("p0")
    till.pay(orders[0], "p0-late")
    assert audit.kinds(till) == [], audit.texts()
    assert summarise_money(audit.fold, audit.paid) == {
        "paid": 1, "bought_again": 1, "refund_settled": 1, "delivered": 7, "taken": 6, "unacknowledged": 0,
        "refund_due": {"refund_requested": 1, "paid_by_another": 1, "wrong_amount": 1, "unknown_order": 1, "already_closed": 1}}


def test_a_late_payment_goes_back_under_the_policy_refund_and_when_nothing_is_left(audit, till):
    order = till.buy("u1", "k")
    till.cancel(order)
    till.pay(order, "p1")
    assert audit.kinds(till) == [], audit.texts()
    full = Cashier(stock=1, limit=2, rebuys=True).define()
    order = full.buy("u1", "k")
    full.cancel(order)
    full.buy("u2", "k")
    full.pay(order, "p1")
    assert audit.kinds(full) == [], audit.texts()
    assert summarise_money(audit.fold, None)["refund_due"] == {"sold_out": 1}


def test_a_payment_by_the_ticket_of_a_repeated_click_pays_the_order(audit, till):
    order = till.buy("u1", "k")
    again = till.buy("u1", "k")
    ticket = till.append(till.log_time, pay={"order": again.value, "payment_id": "p1", "amount_minor": 500, "currency": "EUR"})
    change = till._change("mask")
    change.payments.add(id="p1", order=order.value, amount_minor=500, currency="EUR", end=records.PAYMENT_PAID,
                        ticket=ticket.value)
    change.paid.SetInParent()
    till._move(change, till.orders[order.value][0], records.PAID, "p1")
    till._write_act(ticket, change, None)
    till._book(again, "p1", 500, "EUR")
    assert audit.kinds(till) == [], audit.texts()


def test_a_paid_order_that_is_released_is_money(audit, till):
    order = till.buy("u1", "k")
    till.pay(order, "p1")
    till.release(order)
    assert audit.kinds(till) == ["money"]
    assert "from paid to released" in audit.texts()


def test_a_paid_order_that_its_buyer_could_cancel_is_money(audit, till):
    order = till.buy("u1", "k")
    till.pay(order, "p1")
    ticket = till.append(till.log_time, cancel={"order": order.value, "user": "u1"})
    change = till._change("mask")
    change.cancelled.SetInParent()
    till._move(change, till.orders[order.value][0], records.CANCELLED)
    till._write_act(ticket, change, None)
    assert audit.kinds(till) == ["lost", "money"]


def test_a_delivery_that_counts_a_second_time_is_money(audit, till):
    order = till.buy("u1", "k")
    till.pay(order, "p1")
    first = till.payments.pop("p1")  # forgotten
    till.pay(order, "p1")
    assert first.ticket and audit.kinds(till) == ["money"]
    assert "it should be duplicate" in audit.texts() and "ends a second time" in audit.texts()


def paid_by_nobody(change):
    del change.payments[:]


def to_another_order(change):
    change.payments[0].order += 1


def too_much(change):
    change.payments[0].amount_minor += 1


def other_money(change):
    change.payments[0].currency = "USD"


def refunded_instead(change):
    change.payments[0].end, change.payments[0].refund_reason = records.PAYMENT_REFUND_DUE, records.PAID_TOO_LATE


def without_an_end(change):
    change.payments[0].end = records.PAYMENT_END_UNSPECIFIED


def settled_at_once(change):
    change.payments[0].refund_settled = True


def bought_again(change):
    change.paid.bought_again = True


def by_another_payment(change):
    change.orders[0].payment_id = "p2"


def order_left_held(change):
    change.orders[0].status = records.HELD


@pytest.mark.parametrize("mistake", [paid_by_nobody, to_another_order, too_much, other_money, refunded_instead, without_an_end,
                                     settled_at_once, bought_again, by_another_payment, order_left_held])
def test_a_payment_that_is_written_down_wrongly_is_money(audit, till, mistake):
    till.pay(till.buy("u1", "k"), "p1", mistake=mistake)
    assert "money" in audit.kinds(till)


def test_a_payment_over_a_wrong_amount_that_pays_is_money(audit, till):
    order = till.buy("u1", "k")
    right = till.orders[order.value][0]

    def take_it(change):
        change.paid.SetInParent()
        change.payments[0].end, change.payments[0].refund_reason = records.PAYMENT_PAID, 0
        till._move(change, right, records.PAID, "p1")

    till.pay(order, "p1", amount=7, mistake=take_it)
    assert audit.kinds(till) == ["money"]


def test_a_late_payment_that_the_policy_refuses_and_that_pays_is_money(audit, till):
    order = till.buy("u1", "k")
    till.cancel(order)
    till.sale.late_payment = 2  # the definition in the log says otherwise
    till.pay(order, "p1")
    assert audit.kinds(till) == ["money"]
    assert "refund_due" in audit.texts()


def test_units_bought_again_beyond_the_limit_are_money(audit):
    till = opened(rebuys=True)
    order = till.buy("u1", "k", quantity=2)
    till.cancel(order)
    till.buy("u1", "k2", quantity=2)
    till.pay(order, "p1")
    assert audit.kinds(till) == ["money"]


def test_units_bought_again_that_are_not_there_are_oversold(audit):
    till = Cashier(stock=1, limit=2, rebuys=True).define()
    order = till.buy("u1", "k")
    till.cancel(order)
    till.buy("u2", "k")
    till.available = 1
    till.pay(order, "p1")
    assert {"money", "oversold"} <= set(audit.kinds(till))


@pytest.mark.parametrize("reason", [records.UNKNOWN_ORDER, records.WRONG_PARTITION])
def test_a_payment_that_the_ledger_refuses_is_money(audit, till, reason):
    order = till.buy("u1", "k")
    ticket = till.append(till.log_time, pay={"order": order.value, "payment_id": "p1", "amount_minor": 500, "currency": "EUR"})
    till.run.append((ticket.offset, till.log_time, records.Verdict(outcome=records.REFUSED, reason=reason)))
    assert audit.kinds(till) == ["money"]


def test_an_acknowledged_payment_that_the_log_lacks_is_money(audit, till):
    order = till.buy("u1", "k")
    till._book(order, "p1", 500, "EUR")
    assert audit.kinds(till) == ["money"]
    assert "has no end" in audit.texts()


def test_a_delivery_without_an_answer_may_be_in_the_log_or_not(audit, till):
    order = till.buy("u1", "k")
    till._book(order, "p1", 500, "EUR")
    unknown = [dict(line, acknowledged=0) for line in till.book]
    assert audit.kinds(till, unknown) == []
    till.pay(order, "p1", booked=False)
    assert audit.kinds(till, unknown) == []


@pytest.mark.parametrize("field,value", [("amount_minor", 7), ("currency", "USD"), ("deliveries", 0), ("payment_id", "p9")])
def test_a_payment_of_which_the_gateway_tells_another_story_is_money(audit, till, field, value):
    till.pay(till.buy("u1", "k"), "p1")
    assert audit.kinds(till, [till.book[0] | {field: value}]) == ["money"]


def test_a_payment_for_one_order_that_paid_another_is_money(audit, till):
    mine, other = till.buy("u1", "k"), till.buy("u2", "k")
    till.pay(mine, "p1", booked=False)
    till._book(other, "p1", 500, "EUR")
    assert audit.kinds(till) == ["money"]


def restocked_wrongly(change):
    change.refunded.restocked = False


def still_paid(change):
    change.payments[0].end, change.payments[0].refund_reason = records.PAYMENT_PAID, 0


def order_stays_paid(change):
    del change.orders[:]


@pytest.mark.parametrize("mistake", [restocked_wrongly, still_paid, paid_by_nobody, order_stays_paid])
def test_a_refund_that_is_written_down_wrongly_is_money(audit, till, mistake):
    order = till.buy("u1", "k")
    till.pay(order, "p1")
    till.refund(order, mistake=mistake)
    assert "money" in audit.kinds(till)


def test_a_refund_under_a_key_that_was_used_counts_once(audit, till):
    first, second = till.buy("u1", "k"), till.buy("u2", "k")
    till.pay(first, "p1")
    till.pay(second, "p2")
    till.refund(first)
    till.refund(second)
    assert audit.kinds(till) == ["money"]
    assert "key_reused" in audit.texts()


def test_a_refund_that_is_settled_twice_is_money(audit, till):
    order = till.buy("u1", "k")
    till.pay(order, "p1", amount=7)
    till.settle("p1")
    assert audit.kinds(till) == []
    till.settle("p1")
    assert audit.kinds(till) == ["money"]


@pytest.mark.parametrize("force", [(records.REFUSED, records.ALREADY_PAID), (records.REFUSED, records.UNKNOWN_ORDER),
                                   (records.DUPLICATE, 0)])
def test_a_cancellation_that_is_wrongly_refused_is_lost(audit, till, force):
    till.cancel(till.buy("u1", "k"), force=force)
    assert audit.kinds(till) == ["lost"]


def test_a_release_before_the_buyers_time_has_ended_is_lost(audit, till):
    order = till.buy("u1", "k")
    till.release(order, after_ms=1_200_000 - 1)  # log time has not come to the deadline
    assert audit.kinds(till) == ["lost"]
    late = opened()
    order = late.buy("u1", "k")
    late.logs.orders(late.partition)[-1] = type(late.logs.orders(late.partition)[-1])(
        late.log_offset - 1, late.log_time + 3000, late.logs.orders(late.partition)[-1].value)
    late.release(order)  # log time has, but the reservation became readable 3 s later
    assert audit.kinds(late) == ["lost"]
    assert "before its buyer's time to pay ended" in audit.texts()


def test_a_torn_last_line_of_the_gateways_book_does_not_count(tmp_path, till):
    till.pay(till.buy("u1", "k"), "p1")
    path = tmp_path / "book"
    path.write_text(json.dumps(till.book[0]) + '\n{"payment_id": "p2", "ord')
    payments, bad_lines = read_gateway_journal(path)
    assert list(payments) == ["p1"] and bad_lines == []
    path.write_text(path.read_text() + "\n")
    assert len(read_gateway_journal(path)[1]) == 1
