"""The check on what the real daemons leave behind: an honest sale passes, and each kind of damage turns its number above 0."""

import json

import pytest
from checking import TOP, ZEROS, run_check
from real_sale import SKU, payments_journal, real_sale, settle_refunds

from audit.log_copy import LogCopy

STOCK = 60
BUYERS = 150


@pytest.fixture(scope="module")
def sale():
    with real_sale(TOP / "build/test-sale", STOCK, hold_seconds=3) as honest:
        honest.come("front", BUYERS, go_on=True)
        settle_refunds(honest.stack)
        for door in ("ingest_1", "ingest_2"):  # everybody once more, where half of them are not remembered
            honest.come(door, BUYERS)
        honest.first = honest.check("--save-logs", honest.logs, "--json", honest.folder / "summary")
        yield honest


def test_an_honest_sale_has_only_zeros_and_every_order_is_settled(sale):
    numbers = sale.first.numbers
    assert numbers == numbers | {"offered": STOCK, "held": 0, **ZEROS}, sale.first.output
    assert sale.first.exit_code == 0
    assert numbers["sold"] > 0 and numbers["released"] > 0 and numbers["sold"] + numbers["released"] >= STOCK


def test_the_summary_counts_the_ends_of_payments(sale):
    payments = json.loads((sale.folder / "summary").read_text())["payments"]
    assert payments["paid"] + sum(payments["refund_due"].values()) == payments["taken"] > 0
    assert payments["refund_settled"] == sum(payments["refund_due"].values())
    assert payments["unacknowledged"] == 0 and payments["delivered"] > payments["taken"]  # some are delivered twice
    assert {"wrong_amount", "paid_too_late"} & payments["refund_due"].keys() or payments["bought_again"]


def test_a_payment_that_the_gateway_knows_nothing_of_is_money(sale):
    lines = payments_journal(sale.stack.folder).read_text().splitlines()
    gone = json.loads(lines[-1])["payment_id"]
    book = sale.folder / "damaged-book"
    book.write_text("".join(line + "\n" for line in lines if gone not in line))
    result = run_check("--logs", sale.logs, "--payments", book)
    assert result.wrong() == {"money": 1}, result.output
    assert gone in result.output


def test_a_record_removed_from_the_copy_of_the_log_is_lost(sale):
    whole = LogCopy.load(sale.logs)
    partition = max(whole.partitions(), key=lambda each: len(whole.orders(each)))
    orders = whole.orders(partition)
    del orders[len(orders) // 2]
    whole.save(sale.folder / "damaged-logs")
    result = run_check("--logs", sale.folder / "damaged-logs", "--journal", sale.journal)
    assert result.lost > 0, result.output
    assert result.exit_code == 1


def test_a_changed_counter_in_redis_is_drift(sale):
    redis = sale.redis()
    redis.hincrby(f"stock:{SKU}", "held", 1)
    try:
        result = sale.check()
    finally:
        redis.hincrby(f"stock:{SKU}", "held", -1)
    assert result.wrong() == {"redis_drift": 1}, result.output
    assert result.exit_code == 1


def test_a_deleted_row_in_mysql_is_drift(sale):
    with sale.mysql() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT id FROM orders ORDER BY id LIMIT 1")
        order = cursor.fetchone()["id"]
        cursor.execute("DELETE FROM orders WHERE id = %s", (order,))
    result = sale.check()
    assert result.wrong() == {"mysql_drift": 1}, result.output
    assert result.exit_code == 1
    assert f"order {order}" in result.output
    sale.write_dead_letter(order)
    assert sale.check().wrong() == {}, "what the sink says that MySQL refused is no drift"


def test_a_ledger_with_a_broken_sell_out_comparison_is_oversold():
    with real_sale(TOP / "build/test-sale-oversells", stock=20, mutant="oversells") as broken:
        broken.come("front", BUYERS)
        result = broken.check()
    assert result.oversold > 0, result.output
    assert result.exit_code == 1


def test_a_ledger_without_dedupe_is_doubled():
    with real_sale(TOP / "build/test-sale-forgets", stock=1000, mutant="forgets_keys") as broken:
        for door in ("ingest_1", "ingest_2"):
            broken.come(door, buyers=50)
        result = broken.check()
    assert result.doubled > 0, result.output
    assert result.exit_code == 1


def test_a_ledger_that_mixes_up_money_is_found():
    with real_sale(TOP / "build/test-sale-money", stock=80, mutant="mixes_up_money", hold_seconds=3) as broken:
        broken.come("front", buyers=80, go_on=True)
        result = broken.check("--lines", 1000)
    assert result.money > 0, result.output
    assert result.exit_code == 1
    assert "went from paid to released" in result.output, "a paid order was released"
    assert "it should be duplicate" in result.output, "a payment that was delivered twice counted twice"
