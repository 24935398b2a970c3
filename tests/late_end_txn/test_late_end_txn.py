"""A late EndTxn (KAFKA-17754) tears the transactions of a textbook loop, and never those of the ledger."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

import ledger_life  # noqa: E402 found by the path above
from stack import Stack  # noqa: E402 found by ledger_life's path
from textbook import numbers_after_late_end_txn  # noqa: E402

DELIVERIES = 10


@pytest.fixture(name="stack", scope="module")
def _stack():
    stack = Stack(ledger_life.FOLDER)
    stack.up(only=ledger_life.SERVERS, fresh=True, private=True)
    yield stack
    stack.down()


def test_tears_a_transaction_of_the_textbook_loop(stack):
    numbers = numbers_after_late_end_txn(stack.ports["kafka"])
    assert numbers != sorted(set(numbers)), "each number once, in order: nothing was torn"


def test_a_ledger_that_dies_makes_a_life_that_failed(stack, monkeypatch):
    monkeypatch.setattr(ledger_life, "BATCH_BYTES_MAX", 1)  # which it refuses
    life = ledger_life.live(stack, DELIVERIES)
    assert not life.passed and life.delivered == 0
    assert "the ledger ended with 1" in life.said


def test_never_tears_one_of_the_ledger(stack):
    life = ledger_life.live(stack, DELIVERIES)
    assert life.passed, life.said
    assert life.delivered >= DELIVERIES
    assert life.torn > 0, "no transaction was open for more than one produce: nothing could be torn"
