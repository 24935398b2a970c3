"""What buyers were told must be what the log says."""

import copy

import pytest

from audit.findings import Findings
from audit.fold import Fold
from audit.journal import _take, read_journal
from audit.told import Told, count_acknowledged, count_untold
from audit.tickets import Ticket, ticket_of, ticket_of_public_id
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
