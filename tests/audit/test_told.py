"""What buyers were told must be what the log says."""

import copy

import pytest

from audit.findings import Findings
from audit.fold import Fold
from audit.journal import _take, read_journal
from audit.told import Told, count_acknowledged, count_untold
from audit.tickets import Ticket, ticket_of, ticket_of_public_id
from cashier import Cashier
from scribe import GENERATION, Scribe, public_id


@pytest.fixture
def sale():
    return Scribe(stock=2, limit=2).define()


def findings_of(scribe, journal=None):
    findings, requests = Findings(), {}
    fold = Fold(scribe.flush().logs, GENERATION, findings).read()
    for line in journal or scribe.journal:
        _take(requests, line)
    Told(fold, requests, findings).compare()
    return [each.kind for each in findings.all]


def told(scribe, **body):
    """The journal with what the last buyer was told replaced."""
    journal = copy.deepcopy(scribe.journal)
    journal[-1]["body"].update(body)
    return journal


def test_a_true_journal_has_no_findings(sale):
    sale.buy("u1", "k1")
    sale.buy("u1", "k1")
    sale.buy("u2", "k2", quantity=2)
    assert findings_of(sale) == []


def test_told_refused_about_an_order_that_exists_is_lost(sale):
    sale.buy("u1", "k1")
    assert findings_of(sale, told(sale, status="refused", reason="sold_out")) == ["lost"]


def test_told_held_about_a_refused_request_is_lost(sale):
    sale.buy("u1", "k1", quantity=2)
    sale.buy("u2", "k2")
    assert findings_of(sale, told(sale, status="held")) == ["lost"]


def test_told_another_reason_is_lost(sale):
    sale.buy("u1", "k1", quantity=2)
    sale.buy("u2", "k2")
    assert findings_of(sale, told(sale, reason="limit_reached")) == ["lost"]


def test_a_repeated_key_that_gave_another_order_is_found(sale):
    sale.buy("u1", "k1")
    repeated = sale.buy("u1", "k1")
    assert sorted(findings_of(sale, told(sale, order=public_id(repeated)))) == ["doubled", "lost"]


def test_an_acknowledged_ticket_that_the_log_lacks_is_lost(sale):
    ticket = sale.buy("u1", "k1")
    journal = copy.deepcopy(sale.journal)
    journal[1]["body"]["ticket"] = public_id(Ticket(ticket.partition, GENERATION, 99))
    assert findings_of(sale, journal) == ["lost"]


def test_a_ticket_of_another_generation_is_lost(sale):
    ticket = sale.buy("u1", "k1")
    journal = copy.deepcopy(sale.journal)
    journal[1]["body"]["ticket"] = public_id(Ticket(ticket.partition, 2, ticket.offset))
    assert findings_of(sale, journal) == ["lost"]


def test_a_ticket_of_somebody_else_is_lost(sale):
    other = sale.buy("u1", "k1")
    sale.buy("u2", "k2")
    journal = copy.deepcopy(sale.journal)
    journal[5]["body"]["ticket"] = public_id(other)
    assert "lost" in findings_of(sale, journal)


def test_an_id_that_was_given_and_is_unknown_later_is_lost(sale):
    sale.buy("u1", "k1")
    journal = copy.deepcopy(sale.journal)
    journal[-1].update(http=404, body={})
    assert findings_of(sale, journal) == ["lost"]


def test_an_answer_about_another_ticket_is_lost(sale):
    first = sale.buy("u1", "k1")
    sale.buy("u1", "k1")
    assert findings_of(sale, told(sale, ticket=public_id(first))) == ["lost"]


def test_told_archived_about_a_held_order_is_lost(sale):
    sale.buy("u1", "k1")
    assert findings_of(sale, told(sale, status="archived")) == ["lost"]


def test_told_archived_about_a_refusal_is_right(sale):
    sale.buy("u1", "k1", quantity=2)
    sale.buy("u2", "k2")
    assert findings_of(sale, told(sale, status="archived")) == []


@pytest.mark.parametrize("status", ["paid", "cancelled", "released", "refunded"])
def test_told_a_status_that_the_order_never_had_is_lost(sale, status):
    sale.buy("u1", "k1")
    assert findings_of(sale, told(sale, status=status)) == ["lost"]


@pytest.fixture
def till():
    return Cashier(stock=5, limit=2).define()


def cancelling(till, order, http, problem="", status="cancelled"):
    """The journal with what the buyer of the order sent and was answered."""
    request = next(line["request"] for line in till.journal if line.get("body", {}).get("ticket") == public_id(order))
    body = {"type": f"/problems/{problem}"} if problem else {"status": status}
    sent = {"t": 1, "event": "cancel", "request": request, "attempt": 1, "order": public_id(order)}
    return [*till.journal, sent, {"t": 2, "event": "cancel_answer", "request": request, "attempt": 1, "http": http, "body": body}]


def test_what_a_buyer_is_told_of_a_cancellation_may_be_any_truth_of_its_time(till):
    order, paid, released = (till.buy(f"u{number}", "k") for number in range(3))
    till.cancel(order)
    assert findings_of(till, cancelling(till, order, 200)) == []
    assert findings_of(till, cancelling(till, order, 202, status="held")) == []
    till.pay(paid, "p1")
    till.release(released)
    both = cancelling(till, order, 200) + cancelling(till, paid, 409, "already-paid") + cancelling(till, released, 409, "already-closed")
    repeated = [line for number, line in enumerate(both) if line not in both[:number]]
    assert findings_of(till, repeated) == []


@pytest.mark.parametrize("http, problem", [(200, ""), (202, ""), (404, "unknown-order"), (409, "already-paid"), (409, "already-closed")])
def test_an_answer_to_a_cancellation_that_was_never_true_is_lost(till, http, problem):
    order = till.buy("u1", "k")
    assert findings_of(till, cancelling(till, order, http, problem)) == ["lost"]


def test_a_refused_cancellation_without_a_known_reason_is_found(till):
    assert findings_of(till, cancelling(till, till.buy("u1", "k"), 409, "no-mood")) == ["other"]


def test_more_cancellations_than_the_buyer_sent_are_doubled(till):
    order = till.buy("u1", "k")
    till.cancel(order)
    till.cancel(order)
    assert findings_of(till, cancelling(till, order, 200)) == ["doubled"]


def test_an_unknown_status_is_found(sale):
    sale.buy("u1", "k1")
    assert findings_of(sale, told(sale, status="won")) == ["other"]


def test_more_intents_than_the_buyer_sent_are_doubled(sale):
    sale.buy("u1", "k1")
    sale.buy("u1", "k1")
    assert findings_of(sale, sale.journal[:4]) == ["doubled"]


def test_an_ambiguous_request_may_have_an_order_or_none(sale):
    sale.buy("u1", "k1")
    asked = sale.journal[0]
    ambiguous = [asked, {"t": 0, "event": "unknown", "request": 1, "attempt": 1, "why": "time-out"}]
    assert findings_of(sale, ambiguous) == []
    never_arrived = [dict(asked, buyer="u2"), ambiguous[1]]
    assert findings_of(sale, never_arrived) == []


def test_a_refusal_that_names_no_ticket_is_lost(sale):
    sale.buy("u1", "k1", quantity=2)
    asked = {"t": 1, "event": "ask", "request": 99, "attempt": 1, "buyer": "u2", "sku": "mask", "key": "k2", "quantity": 1,
             "kind": "once"}
    refused = {"t": 2, "event": "answer", "request": 99, "attempt": 1, "http": 200,
               "body": {"status": "refused", "reason": "sold_out"}}
    assert findings_of(sale, [*sale.journal, asked, refused]) == ["lost"]


def test_a_torn_last_line_of_the_journal_does_not_count(tmp_path, sale):
    sale.buy("u1", "k1")
    path = tmp_path / "journal"
    path.write_text('{"t": 1, "event": "ask", "request": 1, "attempt": 1, "buyer": "u1", "sku": "mask", "key": "k1", "quantity": 1, '
                    '"kind": "once"}\n{"t": 2, "event": "ans')
    requests, bad_lines = read_journal(path)
    assert len(requests) == 1 and bad_lines == []
    path.write_text(path.read_text() + "\n")
    assert len(read_journal(path)[1]) == 1


def test_acknowledged_requests_without_a_verdict_are_counted(sale):
    sale.buy("u1", "k1")
    requests = {}
    for line in sale.journal[:2]:
        _take(requests, line)
    assert (count_acknowledged(requests), count_untold(requests)) == (1, 1)


def test_public_ids_are_read_as_people_copy_them():
    ticket = Ticket(3, 1, 12345)
    assert ticket_of_public_id(public_id(ticket).lower().replace("0", "o")) == ticket == ticket_of(ticket.value)
    for wrong in ("", "123", "!" * 25):
        with pytest.raises(ValueError):
            ticket_of_public_id(wrong)
