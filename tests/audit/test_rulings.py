"""Each wrong verdict is found, at its offset, and a right one is not."""

import pytest
import xxhash

from audit.findings import Findings
from audit.fold import Fold
from audit.messages import records
from audit.tickets import ticket_of
from scribe import GENERATION, Scribe

ACCEPTED = (records.ACCEPTED, 0, 0)


def refused(reason):
    return (records.REFUSED, reason, 0)


def findings_of(scribe):
    findings = Findings()
    Fold(scribe.flush().logs, GENERATION, findings).read()
    return [(each.kind, each.where.split(" order ")[0]) for each in findings.all]


def at(ticket, kind):
    return [(kind, f"partition {ticket.partition} offset {ticket.offset}")]


@pytest.fixture
def sale():
    return Scribe(stock=5, limit=2).define()


@pytest.mark.parametrize("reason", [records.UNKNOWN_SKU, records.NOT_ON_SALE, records.FROZEN, records.SOLD_OUT,
                                    records.LIMIT_REACHED, records.BAD_QUANTITY, records.KEY_REUSED, records.WRONG_PARTITION,
                                    records.INVALID, records.NOT_YOURS])
def test_a_refusal_that_the_history_does_not_justify_is_lost(sale, reason):
    sale.buy("u1", "k1")
    ticket = sale.buy("u2", "k2", force=refused(reason))
    assert findings_of(sale) == at(ticket, "lost")


def test_sold_out_is_judged_by_what_is_left_for_the_quantity(sale):
    for user in range(4):
        sale.buy(f"u{user}", "k")
    sale.buy("u8", "k", quantity=2)  # one is left: rightly refused
    assert sale.buy("u9", "k").value in sale.orders
    assert findings_of(sale) == []


def test_a_slot_that_should_have_been_opened_counts_as_open(sale):
    ticket = sale.buy("u1", "k1", force=refused(records.SOLD_OUT))
    assert findings_of(sale) == at(ticket, "lost")


def test_selling_before_the_slot_opens_is_oversold(sale):
    ticket = sale.buy("u1", "k1", after_ms=-1, force=ACCEPTED)
    assert ("oversold", f"partition {ticket.partition} offset {ticket.offset}") in findings_of(sale)


def test_a_refusal_before_the_slot_opens_is_right(sale):
    sale.buy("u1", "k1", after_ms=-1)
    assert findings_of(sale) == []


def test_units_beyond_the_limit_are_doubled(sale):
    sale.buy("u1", "k1", quantity=2)
    ticket = sale.buy("u1", "k2", force=ACCEPTED)
    assert findings_of(sale) == at(ticket, "doubled")


def test_a_second_order_for_one_key_is_doubled(sale):
    sale.buy("u1", "k1")
    ticket = sale.buy("u1", "k1", force=ACCEPTED)
    assert findings_of(sale) == at(ticket, "doubled")


def test_a_refusal_of_a_key_that_has_an_order_is_doubled(sale):
    sale.buy("u1", "k1", quantity=2)
    ticket = sale.buy("u1", "k1", quantity=2, force=refused(records.LIMIT_REACHED))
    assert findings_of(sale) == at(ticket, "doubled")


def test_a_key_used_twice_with_another_quantity_is_rightly_refused(sale):
    sale.buy("u1", "k1")
    sale.buy("u1", "k1", quantity=2)
    assert findings_of(sale) == []


def test_a_duplicate_of_nothing_is_lost(sale):
    ticket = sale.buy("u1", "k1", force=(records.DUPLICATE, 0, 77))
    assert findings_of(sale) == at(ticket, "lost")


def test_a_duplicate_that_names_another_order_is_lost(sale):
    sale.buy("u1", "k1")
    other = sale.buy("u2", "k2")
    ticket = sale.buy("u1", "k1", force=(records.DUPLICATE, 0, other.value))
    assert findings_of(sale) == at(ticket, "lost")


def test_the_key_of_a_refused_purchase_may_be_ruled_on_anew_after_the_window(sale):
    sale.buy("u1", "k1", quantity=3)
    sale.buy("u1", "k1", quantity=3, after_ms=1)
    ten_minutes = 600_001
    sale.buy("u1", "k1", quantity=3, after_ms=ten_minutes, force=refused(records.LIMIT_REACHED))
    assert findings_of(sale) == []


def test_bytes_that_are_no_intent_are_unreadable_and_nothing_else(sale):
    good = sale.logs.intents(sale.partition)[0].value
    for wrong in (b"\xff\xff", b"", good[1:], good + b"\x0c"):  # the last: an end-group tag after a good intent
        ticket = sale.append_bytes(sale.log_time, wrong)
        sale.run.append((ticket.offset, sale.log_time, records.Verdict(outcome=records.UNREADABLE)))
    assert findings_of(sale) == []
    ticket = sale.buy("u1", "k1", force=(records.UNREADABLE, 0, 0))
    assert findings_of(sale) == at(ticket, "lost")


def test_an_intent_without_a_record_is_lost(sale):
    sale.buy("u1", "k1")
    ticket = sale.append(sale.log_time, purchase={"sku": "mask", "user": "u2", "request_key": "k2", "quantity": 1})
    assert findings_of(sale) == at(ticket, "lost")


def test_a_counter_that_the_events_do_not_add_up_to_is_said_once(sale):
    sale.buy("u1", "k1")
    sale.available -= 1
    ticket = sale.buy("u2", "k2")
    sale.buy("u3", "k3")
    assert findings_of(sale) == at(ticket, "other")


def test_an_order_that_differs_from_what_was_asked_is_found(sale):
    sale.sale.price_minor = 400  # the definition in the log says 500
    sale.define()
    sale.sale.version = 2
    ticket = sale.buy("u1", "k1")
    assert at(ticket, "other")[0] in findings_of(sale)


def test_an_order_under_a_verdict_that_says_otherwise_is_found(sale):
    ticket = sale.append(sale.log_time, purchase={"sku": "mask", "user": "u1", "request_key": "k1", "quantity": 9})
    change = records.Change(sku="mask", verdict=records.Verdict(outcome=records.REFUSED, reason=records.NOT_ON_SALE))
    change.reserved.SetInParent()
    sale.write_change(ticket, change)
    assert findings_of(sale) == at(ticket, "doubled")


def test_tickets_hold_partition_generation_and_offset(sale):
    ticket = sale.buy("u1", "k1")
    assert ticket_of(ticket.value) == ticket


def _void_the_end(sale, count):
    """The last intents are lost from the log, and an operator has recorded it."""
    first = sale.flush().next_offset - count
    record = records.OrderRecord(first_offset=first, last_offset=first + count - 1, log_time_ms=sale.log_time,
                                 voided=records.Voided(reason="a disk was lost"))
    body = xxhash.xxh3_64_intdigest(record.voided.SerializeToString() + first.to_bytes(8, "little"))
    words = b"".join(word.to_bytes(8, "little") for word in (record.last_offset, record.log_time_ms, body))
    sale.digest = xxhash.xxh3_64_intdigest(words, seed=sale.digest)
    sale._write(record)


def test_a_voided_range_that_is_gone_from_the_log_is_right(sale):
    sale.buy("u1", "k1")
    for user in ("u2", "u3"):
        sale.append(sale.log_time, purchase={"sku": "mask", "user": user, "request_key": "k", "quantity": 1})
    _void_the_end(sale, 2)
    del sale.logs.intents(sale.partition)[-2:]
    assert findings_of(sale) == []


def test_a_voided_intent_that_is_still_in_the_log_is_found(sale):
    ticket = sale.append(sale.log_time, purchase={"sku": "mask", "user": "u2", "request_key": "k", "quantity": 1})
    _void_the_end(sale, 1)
    assert findings_of(sale) == at(ticket, "other")
