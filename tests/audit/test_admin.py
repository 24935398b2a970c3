"""Acts of administrators: each counts once, and is ruled on by what stood before it."""

import pytest

from audit.findings import Findings
from audit.fold import Fold
from audit.messages import records
from scribe import GENERATION, Scribe

ACCEPTED, REFUSED, DUPLICATE = records.ACCEPTED, records.REFUSED, records.DUPLICATE


class Desk(Scribe):
    """A scribe who writes down what an administrator asks for, with the ruling that is given."""

    def act(self, kind, asked, outcome, reason=0, first=None, event=None, **verdict):
        ticket = self.append(self.log_time, **{kind: {"sku": "mask"} | asked})
        said = records.Verdict(outcome=outcome, reason=reason, duplicate_of=first.value if first else 0, **verdict)
        if event is None:
            self.run.append((ticket.offset, self.log_time, said))
            return ticket
        change = records.Change(sku="mask", verdict=said)
        for name, fields in event.items():
            getattr(change, name).MergeFrom(type(getattr(change, name))(**fields))
            getattr(change, name).SetInParent()
        self.write_change(ticket, change)
        return ticket

    def adjust(self, key, delta, *ruling, moved=None, **more):
        if ruling[0] == ACCEPTED:
            moved = delta if moved is None else moved
            self.available += moved
            self.withdrawn -= min(moved, 0)
            self.added += max(moved, 0)
            more["event"] = {"stock_adjusted": {"delta": moved, "request_key": key}}
        return self.act("adjust_stock", {"request_key": key, "delta": delta}, *ruling, **more)

    def freeze(self, key, on, *ruling, **more):
        if ruling[0] == ACCEPTED:
            more.setdefault("event", {"frozen": {"on": on}})
        return self.act("freeze", {"request_key": key, "on": on}, *ruling, **more)

    added = 0

    def _counters(self):
        counters = super()._counters()
        counters["defined"] += self.added
        return counters


@pytest.fixture
def desk():
    desk = Desk(stock=5, limit=2).define()
    desk.buy("u1", "k1")  # opens the slot: 4 are left
    return desk


def kinds(desk):
    findings = Findings()
    Fold(desk.flush().logs, GENERATION, findings).read()
    return sorted({finding.kind for finding in findings.all})


def test_acts_that_are_ruled_on_rightly_are_no_finding(desk):
    first = desk.adjust("a", 3, ACCEPTED)
    desk.adjust("a", 3, DUPLICATE, 0, first)
    desk.adjust("a", 4, REFUSED, records.KEY_REUSED)
    too_much = desk.adjust("b", -8, REFUSED, records.NOT_ENOUGH_AVAILABLE, could_take=7)
    desk.adjust("b", -8, DUPLICATE, records.NOT_ENOUGH_AVAILABLE, too_much)
    desk.adjust("c", -7, ACCEPTED)
    desk.freeze("f", True, ACCEPTED)
    desk.freeze("", True, REFUSED, records.NO_CHANGE)
    desk.freeze("", False, ACCEPTED)
    assert kinds(desk) == []


def test_an_act_that_counts_again_under_its_key_is_doubled(desk):
    desk.adjust("a", 3, ACCEPTED)
    desk.adjust("a", 3, ACCEPTED)
    assert kinds(desk) == ["doubled"]


def test_a_freeze_that_counts_again_under_its_key_is_doubled(desk):
    desk.freeze("f", True, ACCEPTED)
    desk.freeze("g", False, ACCEPTED)
    desk.freeze("f", True, ACCEPTED)
    assert kinds(desk) == ["doubled"]


@pytest.mark.parametrize("delta, ruling, more", [
    (-5, (ACCEPTED,), {}), (-4, (REFUSED, records.NOT_ENOUGH_AVAILABLE), {"could_take": 4}), (3, (REFUSED, records.UNKNOWN_SKU), {}),
    (-5, (REFUSED, records.NOT_ENOUGH_AVAILABLE), {"could_take": 3}), (3, (ACCEPTED,), {"moved": 2})])
def test_stock_that_is_adjusted_wrongly_is_found(desk, delta, ruling, more):
    desk.adjust("a", delta, *ruling, **more)
    assert "other" in kinds(desk)


@pytest.mark.parametrize("ruling, more", [((REFUSED, records.NO_CHANGE), {}), ((REFUSED, records.UNKNOWN_SKU), {}),
                                          ((ACCEPTED,), {"event": {"frozen": {"on": False}}})])
def test_a_freeze_that_is_ruled_on_wrongly_is_found(desk, ruling, more):
    desk.freeze("f", True, *ruling, **more)
    assert kinds(desk) == ["other"]
