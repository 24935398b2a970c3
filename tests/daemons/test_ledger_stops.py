"""What is wrong with the logs themselves, on a real Kafka: the ledger decides nothing, says why, and names the command that shows
or mends it."""

import json
import re
import shlex
import subprocess

import daemons
import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient
from kafka_server import _java as java
from lone_ledger import Ledger, Sku, comes_true, ctl, kafka_with_topics


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    with kafka_with_topics(tmp_path_factory.mktemp("stops") / "stack") as stack:
        yield stack


@pytest.fixture
def brokers(stack):
    return stack.ports.address("kafka")


@pytest.fixture
def ledger(stack, tmp_path):
    ledger = Ledger(stack, tmp_path)
    try:
        ledger.comes_to_run()
        yield ledger
    finally:
        ledger.stop()


@pytest.fixture
def sku(brokers, ledger, request, tmp_path):
    """With an order that was decided."""
    sku = Sku(brokers, request.node.name, tmp_path)
    sku.comes_to(sku.buy("ann") + 1)
    return sku


def delete_records(brokers, partition, before, folder):
    file = folder / "delete.json"
    file.write_text(json.dumps({"version": 1, "partitions": [{"topic": "intents", "partition": partition, "offset": before}]}))
    command = [*java("-XX:TieredStopAtLevel=1"), "org.apache.kafka.tools.DeleteRecordsCommand", "--bootstrap-server", brokers,
               "--offset-json-file", str(file)]
    subprocess.run(command, check=True, capture_output=True)


def run_what_was_said(brokers, ledger, pattern, *more):
    """The command in the ledger's message."""
    line = ledger.comes_to_say(pattern)[1]
    words = [word if word != "TEXT" else "a broker lost its disk" for word in shlex.split(line)]
    assert words[0] == "sluicectl"
    return ctl(brokers, *words[1:], *more)


def test_a_partition_that_runs_is_shown(brokers, ledger, sku):
    next_offset = sku.inspect()["next"]
    shown = sku.inspect()
    assert (shown["partition"], shown["findings"]) == (sku.partition, [])
    assert shown["intents"] == {"low": 0, "high": next_offset, "first_from_next": next_offset}
    assert shown["owner"].startswith("ledger-1 at ")
    sale, order = shown["last"][-2:]
    assert (sale["last"], order["first"], order["last"]) == (next_offset - 2, next_offset - 1, next_offset - 1)
    assert sale["what"] == f"sale_defined {sku.name}: accepted"
    assert order["what"].startswith(f"reserved {sku.name}, order ") and order["what"].endswith(": accepted")
    text = ctl(brokers, "partition", "inspect", sku.partition)
    assert text.returncode == 0
    assert re.search(rf"position  {next_offset}: .* digest {shown['digest']}\n", text.stdout) and "owner     ledger-1 at" in text.stdout


def test_intents_that_were_deleted_are_voided_and_the_ledger_goes_on(brokers, ledger, sku, tmp_path):
    ledger.stop()
    lost = [sku.buy(user) for user in ("ben", "cem", "dan")]
    kept = sku.buy("eve")
    delete_records(brokers, sku.partition, kept, tmp_path)
    ledger.start()
    said = rf"intents begins at {kept}, .* record that: `(sluicectl partition void .*?)`"
    findings = sku.inspect()["findings"]
    assert f"intents {lost[0]} to {lost[-1]} are gone" in findings[0]
    assert f"sluicectl partition void {sku.partition} --from {lost[0]} --to {lost[-1]}" in findings[0]
    dry = run_what_was_said(brokers, ledger, said, "--dry-run")
    assert dry.returncode == 0 and "would be recorded as void" in dry.stdout, dry.stderr
    assert sku.inspect()["next"] == lost[0], "a dry run writes nothing"
    done = run_what_was_said(brokers, ledger, said)
    assert done.returncode == 0 and f"intents {lost[0]}..{lost[-1]} are recorded as void" in done.stdout, done.stderr
    assert "voided: a broker lost its disk" in [record["what"] for record in sku.inspect()["last"]]
    ledger.comes_to_run()
    sku.comes_to(kept + 1)
    again = run_what_was_said(brokers, ledger, said)
    assert again.returncode == 1 and f"only a gap that begins at {kept + 1} can be voided" in again.stderr


def test_a_marker_of_somebodys_transaction_stops_the_lane_and_is_voided(brokers, ledger, sku):
    stray = Producer({"bootstrap.servers": brokers, "transactional.id": "stray"})
    stray.init_transactions()
    stray.begin_transaction()
    written = sku.buy("ben", stray)
    stray.commit_transaction()
    comes_true(lambda: sku.inspect()["intents"]["high"] == written + 2)  # the marker
    behind = sku.buy("cem")
    assert behind == written + 2
    said = rf"intents continues at {behind} where {written + 1} is expected.*`(sluicectl partition void .*?)`"
    done = run_what_was_said(brokers, ledger, said)
    assert done.returncode == 0, done.stderr
    sku.comes_to(behind + 1)
    ledger.comes_to_run()


def test_nothing_is_voided_behind_a_transaction_that_is_open(brokers, ledger, sku, tmp_path):
    ledger.stop()
    lost = sku.buy("ben")
    delete_records(brokers, sku.partition, sku.buy("cem"), tmp_path)
    stray = Producer({"bootstrap.servers": brokers, "transactional.id": "stray-in-orders"})
    stray.init_transactions()
    stray.begin_transaction()
    stray.produce("orders", b"", partition=sku.partition)
    stray.flush()
    words = ["partition", "void", sku.partition, "--from", lost, "--to", lost, "--reason", "a broker lost its disk", "--timeout", "3"]
    refused = ctl(brokers, *words)
    stray.abort_transaction()
    assert refused.returncode == 3 and re.search(r"a transaction that begins at \d+ has not ended", refused.stderr), refused.stderr
    assert sku.inspect()["next"] == lost
    assert ctl(brokers, *words).returncode == 0


@pytest.mark.parametrize("begin, end, why", [(-1, 0, r"only a gap that begins at \d+ can be voided, not one at \d+"),
                                             (0, 0, r"intent \d+ is there: the ledger has to rule on it"),
                                             (0, 9, r"intents ends at \d+: the offsets up to \d+ are still to come")])
def test_what_is_no_gap_is_not_voided(brokers, ledger, sku, begin, end, why):
    ledger.stop()
    place = sku.buy("ben")
    refused = ctl(brokers, "partition", "void", sku.partition, "--from", place + begin, "--to", place + end, "--reason", "a mistake")
    assert refused.returncode == 1 and re.search(why, refused.stderr), refused.stderr
    assert sku.inspect()["next"] == place


def test_a_partition_that_there_is_not_is_refused(brokers):
    for command in (["inspect", "8"], ["void", "8", "--from", "0", "--to", "1", "--reason", "x"]):
        refused = ctl(brokers, "partition", *command)
        assert (refused.returncode, "numbered from 0" in refused.stderr) == (1, True), refused.stderr


def test_orders_that_were_replaced_are_refused_and_the_store_is_kept(stack, brokers, ledger, sku):
    """Takes the topic away from the tests before."""
    ledger.stop()
    admin = AdminClient({"bootstrap.servers": brokers})
    admin.delete_topics(["orders"])["orders"].result()
    comes_true(lambda: "orders" not in admin.list_topics(timeout=5).topics)
    daemons.create_topics(stack.ports)
    ledger.start()
    shown = run_what_was_said(brokers, ledger, rf"partition {sku.partition}: .*orders was cut or replaced.*`(sluicectl partition inspect .*?)`")
    assert shown.returncode == 1 and "does not fit" in shown.stdout and "orders was cut or replaced" in shown.stdout, shown.stderr
    assert not list(ledger.state.glob("*.aside-*")), "the store is the only copy of what was decided"
    assert ledger.get("/readyz")[0] == 503


def test_nothing_is_decided_behind_what_is_no_record(stack, brokers, tmp_path):
    """The last test, in the new topic: a ledger without a store begins at the beginning."""
    stranger = Producer({"bootstrap.servers": brokers})
    stranger.produce("orders", b"somebody's own", partition=5)
    assert stranger.flush(10) == 0
    ledger = Ledger(stack, tmp_path)
    try:
        said = r"partition 5: .*orders holds a message that is no record where the ruling on intent 0 is expected.*`(sluicectl partition inspect .*?)`"
        shown = run_what_was_said(brokers, ledger, said)
    finally:
        ledger.stop()
    assert shown.returncode == 1 and "the message at offset 0 of orders is no record" in shown.stdout, shown.stdout + shown.stderr
