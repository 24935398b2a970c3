"""The check on what the real daemons leave behind: an honest sale passes, and each kind of damage turns its number above 0."""

import pytest
from checking import TOP, ZEROS, run_check
from real_sale import SKU, real_sale

from audit.log_copy import LogCopy

STOCK = 60
BUYERS = 150


@pytest.fixture(scope="module")
def sale():
    with real_sale(TOP / "build/test-sale", STOCK) as honest:
        honest.come("front", BUYERS)
        for door in ("ingest_1", "ingest_2"):  # everybody once more, where half of them are not remembered
            honest.come(door, BUYERS)
        honest.first = honest.check("--save-logs", honest.logs)
        yield honest


def test_an_honest_sale_has_five_zeros(sale):
    assert sale.first.numbers == {"offered": STOCK, "sold": 0, "held": STOCK, "released": 0, **ZEROS}, sale.first.output
    assert sale.first.exit_code == 0


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
