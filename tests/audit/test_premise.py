"""The check must be able to fail: each kind of damage turns its own number above 0."""

import json
import random

import pytest

from audit.log_copy import LogCopy
from checking import ZEROS, check
from scribe import Scribe

HONEST = {"offered": 20, "sold": 0, "held": 20, "released": 0, **ZEROS}


def rush(buyers=60, **faults):
    """A sell-out with buyers who click twice, with the same key and with a new one, and who ask for too much."""
    scribe, chance = Scribe(**faults).define(), random.Random(1)
    for number in range(buyers):
        user, key = f"u{number}", f"k{number}"
        scribe.buy(user, key, after_ms=number)
        if chance.random() < 0.2:
            scribe.buy(user, key, after_ms=number, kind="same_key")
        if chance.random() < 0.2:
            scribe.buy(user, key + "-again", after_ms=number, kind="new_key")
        if chance.random() < 0.2:
            scribe.buy(user, key + "-greedy", quantity=3, after_ms=number, kind="over_limit")
    return scribe


def test_an_honest_sale_has_five_zeros(tmp_path):
    result = check(tmp_path, rush())
    assert result.numbers == HONEST, result.output
    assert result.exit_code == 0
    assert result.output.count("\n") == 1, "no findings"


def test_the_summary_counts_verdicts_and_latency(tmp_path):
    scribe = rush()
    check(tmp_path, scribe)
    summary = json.loads((tmp_path / "summary").read_text())
    assert summary["acknowledged"] == summary["asked"] == scribe.requests == sum(summary["verdicts"].values())
    assert set(summary["verdicts"]) == {"held", "sold_out", "limit_reached", "duplicate"}
    assert summary["verdict_latency_ms"]["p50"] >= 12
    assert summary["untold"] == 0


def test_selling_beyond_the_stock_is_oversold(tmp_path):
    result = check(tmp_path, rush(oversell=True))
    assert result.oversold == result.held - 20 > 0
    assert result.exit_code == 1
    assert "offset" in result.output


def test_forgetting_request_keys_is_doubled(tmp_path):
    result = check(tmp_path, rush(dedupe=False))
    assert result.doubled > 0
    assert result.exit_code == 1


def test_a_deleted_row_is_mysql_drift(tmp_path):
    scribe = rush()
    stores = scribe.stores()
    gone = stores.mysql_orders.pop(7)
    result = check(tmp_path, scribe, stores=stores)
    assert result.numbers == HONEST | {"mysql_drift": 1}
    assert result.exit_code == 1
    assert f"order {gone['id']}" in result.output


def test_an_invented_row_and_a_sink_that_lags_are_mysql_drift(tmp_path):
    scribe = rush()
    stores = scribe.stores()
    stores.mysql_orders.append(dict(stores.mysql_orders[0], id=1))
    stores.mysql_positions[0]["next_offset"] -= 1
    assert check(tmp_path, scribe, stores=stores).wrong() == {"mysql_drift": 3}  # the digest is of another place, too


@pytest.mark.parametrize("kind,field", [("stock:", "available"), ("stock:", "held"), ("order:", "status"), ("order:", "user")])
def test_a_changed_field_is_redis_drift(tmp_path, kind, field):
    scribe = rush()
    stores = scribe.stores()
    key = next(name for name in stores.redis if name.startswith(kind))
    stores.redis[key][field] += "1"
    result = check(tmp_path, scribe, stores=stores)
    assert result.numbers == HONEST | {"redis_drift": 1}
    assert result.exit_code == 1
    assert key in result.output


def test_a_missing_key_and_a_view_that_lags_are_redis_drift(tmp_path):
    scribe = rush()
    stores = scribe.stores()
    del stores.redis["stock:mask"]
    progress = f"progress:{scribe.partition}"
    stores.redis[progress]["version"] = str(int(stores.redis[progress]["version"]) - 1)
    assert check(tmp_path, scribe, stores=stores).wrong() == {"redis_drift": 2}


def without_record(scribe, index):
    copy = LogCopy(scribe.logs.partition_count)
    for topic, partitions in scribe.logs.topics.items():
        for partition, messages in partitions.items():
            for number, message in enumerate(messages):
                if (topic, number) != ("orders", index):
                    copy.add(topic, partition, message)
    return copy


@pytest.mark.parametrize("index", [1, 5, -1])
def test_a_record_removed_from_the_log_is_lost(tmp_path, index):
    scribe = rush().flush()
    index = index % len(scribe.logs.orders(scribe.partition))
    result = check(tmp_path, scribe, logs=without_record(scribe, index))
    assert result.lost > 0
    assert result.exit_code == 1


def test_a_record_written_twice_is_doubled(tmp_path):
    scribe = rush()
    orders = scribe.flush().logs.orders(scribe.partition)
    orders.insert(6, orders[5])
    assert check(tmp_path, scribe).wrong() == {"doubled": 1}


def test_a_changed_ruling_breaks_the_chain(tmp_path):
    scribe = rush()
    scribe.digest ^= 1
    scribe.buy("late", "late")
    result = check(tmp_path, scribe)
    assert "the digest chain breaks here" in result.output
    assert result.exit_code == 1
