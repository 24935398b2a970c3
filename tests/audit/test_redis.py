"""What Redis shows after the click: when to pay, what a repeated click stands for, which money goes back, and what it promises."""

import json

import pytest

from audit.compare_redis import compare_redis
from audit.findings import Findings
from audit.fold import Fold
from audit.tickets import OFFSET_BITS
from cashier import Cashier, no_order
from scribe import GENERATION

POSITION = GENERATION << OFFSET_BITS


class Shown:
    """A small sale, and what Redis should show of it."""

    def __init__(self):
        self.till = till = Cashier(stock=5, limit=2).define()
        self.held, self.back, self.gone = (till.buy(f"u{number}", "k") for number in range(3))
        self.again = till.buy("u0", "k")
        till.cancel(self.back)
        self.late = till.pay(self.back, "p1")
        till.pay(no_order(), "p2", amount=7)
        self.wrong = till.pay(self.back, "p3", amount=7)
        self.settled = till.settle("p1")
        self.fold = Fold(till.flush().logs, GENERATION, Findings()).read()
        self.keys = till.stores().redis
        self.refunds = f"refunds:{self.back.value}"
        self.keys[self.refunds] = {
            "version": str(POSITION | self.settled.offset),
            "payment:p1": self._refund(self.settled, 500, "paid_too_late", True),
            "payment:p3": self._refund(self.wrong, 7, "wrong_amount", False),
        }
        self.keys[f"kept_since:{till.partition}"] = {"version": str(POSITION), "since_ms": "0"}

    def _refund(self, changed, amount, reason, settled):
        return json.dumps({"version": POSITION | changed.offset, "amount_minor": amount, "currency": "EUR", "reason": reason,
                           "settled": settled}, separators=(",", ":"))

    def drift(self, without=(), **changed):
        """With fields of the keys changed, or whole keys gone."""
        keys = {key: dict(fields) for key, fields in self.keys.items() if key not in without}
        for key, fields in changed.items():
            keys.setdefault(key, {}).update(fields)
        findings = Findings()
        compare_redis(self.fold, keys, findings)
        return [finding.where for finding in findings.all]


@pytest.fixture(scope="module")
def shown():
    return Shown()


def test_what_happened_is_no_drift(shown):
    assert shown.drift() == []


def test_the_time_to_pay_lies_between_the_deadline_and_the_end_of_the_hold(shown):
    key = f"order:{shown.held.value}"
    deadline, at_most = int(shown.keys[key]["deadline_ms"]), shown.fold.state.orders[shown.held.value].hold_ends_ms
    for pay_by, drift in ((deadline, []), (at_most, []), (deadline - 1, [key]), (at_most + 1, [key])):
        assert shown.drift(**{key: {"pay_by_ms": str(pay_by)}}) == drift
    closed = f"order:{shown.back.value}"
    assert shown.drift(**{closed: {"pay_by_ms": "1"}}) == [closed]


def test_a_repeated_click_stands_for_its_order(shown):
    alias = f"order:{shown.again.value}"
    assert shown.drift(**{alias: {"alias_of": str(shown.back.value)}}) == [alias]
    assert shown.drift(without=[alias]) == [alias]


@pytest.mark.parametrize("field", ["version", "payment:p1", "payment:p3"])
def test_money_that_goes_back_is_shown_as_it_stands(shown, field):
    value = shown.keys[shown.refunds][field].replace("true", "false").replace("wrong_amount", "paid_too_late")
    changed = value if value != shown.keys[shown.refunds][field] else str(int(value) + 1)
    assert shown.drift(**{shown.refunds: {field: changed}}) == [shown.refunds]


def test_refunds_that_are_missing_or_invented_are_drift(shown):
    assert shown.drift(without=[shown.refunds]) == [shown.refunds]
    invented = f"refunds:{shown.held.value}"
    assert shown.drift(**{invented: {"version": "1"}}) == [invented]


def test_a_closed_order_may_have_ended_unless_it_is_promised(shown):
    closed, promise = f"order:{shown.back.value}", f"kept_since:{shown.till.partition}"
    assert shown.drift(without=[closed]) == [closed]
    assert shown.drift(without=[closed, promise]) == []
    later = {"version": str(POSITION | shown.back.offset + 1)}
    assert shown.drift(without=[closed], **{promise: later}) == []


def test_an_order_that_is_held_never_ends(shown):
    live = f"order:{shown.held.value}"
    assert shown.drift(without=[live, f"kept_since:{shown.till.partition}"]) == [live]
