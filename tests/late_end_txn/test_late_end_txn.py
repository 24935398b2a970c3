"""A late EndTxn (KAFKA-17754) tears the transactions of a textbook loop, and never those of the ledger.

RUNS (default 10) is how many late ones the ledger must have met; only those count that the broker took while a transaction was
open.
"""

import asyncio
import contextlib
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml
from confluent_kafka import Consumer, KafkaError, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

HERE = Path(__file__).resolve().parent
TREE = HERE.parents[1]
sys.path[:0] = [str(TREE), str(TREE / "stack"), str(HERE)]

from audit.kafka_logs import read_logs  # noqa: E402 found by the path above
from audit.messages import INTENT_MAGIC, intents  # noqa: E402
from daemons import TOPICS, binary, create_topics  # noqa: E402
from naive_loop import TRANSACTIONAL_ID  # noqa: E402
from proxy import HOST, Proxy  # noqa: E402
from stack import Stack  # noqa: E402

RUNS = int(os.environ.get("RUNS") or 10)
SKU = "mask"
STEP_SECONDS = 0.02
PURCHASES_A_STEP = 40
SECONDS_PER_RUN = 6  # the ledger's restart of a lane included
LEDGER = "sluice-ledger"


@pytest.fixture(name="stack")
def _stack():
    stack = Stack(TREE / "build/late-end-txn")
    stack.up(only=["kafka", "redis"], fresh=True, private=True)
    yield stack
    stack.down()


def _numbers_of(brokers, topic):
    reader = Consumer(
        {"bootstrap.servers": brokers, "group.id": "reader", "isolation.level": "read_committed", "enable.partition.eof": True})
    reader.assign([TopicPartition(topic, 0, 0)])
    numbers = []
    while True:
        message = reader.poll(30)
        assert message is not None, "the end of the topic was not reached"
        if message.error():
            assert message.error().code() == KafkaError._PARTITION_EOF
            reader.close()
            return numbers
        numbers.append(int(message.value()))


def test_tears_a_transaction_of_the_textbook_loop(stack):
    asyncio.run(_tear_textbook_loop(stack.ports))


async def _tear_textbook_loop(ports):
    brokers, count = ports.address("kafka"), 2000
    admin = AdminClient({"bootstrap.servers": brokers})
    for topic in admin.create_topics([NewTopic("in", 1, 1), NewTopic("out", 1, 1)]).values():
        topic.result()
    writer = Producer({"bootstrap.servers": brokers})
    for number in range(count):
        writer.produce("in", str(number).encode(), partition=0)
    writer.flush()
    proxy = Proxy(ports["kafka"])
    await proxy.start()
    loop = await asyncio.create_subprocess_exec(
        sys.executable, str(HERE / "naive_loop.py"), f"{HOST}:{proxy.port}", "in", "out", str(count), stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while loop.returncode is None and proxy.delivered == 0 and time.monotonic() < deadline:
        if not proxy.is_delaying(TRANSACTIONAL_ID):
            proxy.delay_next(TRANSACTIONAL_ID)
        await asyncio.sleep(STEP_SECONDS)
    with contextlib.suppress(asyncio.TimeoutError):
        await asyncio.wait_for(loop.wait(), 60)
    if loop.returncode is None:
        loop.kill()
    await proxy.stop()
    assert proxy.delivered > 0
    got = _numbers_of(brokers, "out")
    assert got != sorted(set(got)), "each number once, in order: nothing was torn"


def _ledger_settings(stack, brokers):
    settings = {
        "kafka": {"brokers": brokers}, "topics": TOPICS, "application": LEDGER, "instance": "ledger-1",
        "admin": {"address": HOST, "port": stack.ports["ledger_1_admin"]},
        "state": {"directory": str(stack.folder.data("ledger-1"))},
        "redis": {"host": HOST, "port": stack.ports["redis"], "password_file": str(stack.folder.secret("redis_password"))},
    }
    return stack.folder.write_settings("late.yaml", yaml.safe_dump(settings))


def test_never_tears_one_of_the_ledger(stack):
    create_topics(stack.ports)
    asyncio.run(_try_to_tear_ledger(stack))
    logs = read_logs(stack.ports.address("kafka"), TOPICS["partitions"], 60)
    logs.save(stack.folder.run("logs"))
    command = [sys.executable, "-m", "audit", "--logs", stack.folder.run("logs")]
    done = subprocess.run(command, cwd=TREE, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


async def _try_to_tear_ledger(stack):
    proxy = Proxy(stack.ports["kafka"])
    await proxy.start()
    settings = _ledger_settings(stack, f"{HOST}:{proxy.port}")
    with open(stack.folder.log("late-ledger"), "w", encoding="utf-8") as log:
        ledger = await asyncio.create_subprocess_exec(binary(LEDGER), "--config", str(settings), stderr=log)
    buyers = Buyers(stack.ports.address("kafka"))
    lane = f"{LEDGER}-{buyers.partition}"
    deadline = time.monotonic() + 30 + RUNS * SECONDS_PER_RUN
    while proxy.delivered < RUNS and time.monotonic() < deadline:
        assert ledger.returncode is None, "the ledger ended: see its log"
        if not proxy.is_delaying(lane):
            proxy.delay_next(lane)
        buyers.buy(PURCHASES_A_STEP)
        await asyncio.sleep(STEP_SECONDS)
    buyers.flush()
    print(f"{proxy.delivered} late EndTxn taken by the broker, {sum(proxy.refused.values())} refused {proxy.refused}")
    read = asyncio.to_thread(read_logs, stack.ports.address("kafka"), TOPICS["partitions"], 60)
    logs = await read  # until every intent has its record, while the ledger still runs
    assert sum(len(logs.orders(partition)) for partition in logs.partitions()) > 0
    ledger.terminate()
    assert await asyncio.wait_for(ledger.wait(), 30) == 0
    await proxy.stop()
    assert proxy.delivered >= RUNS


class Buyers:
    """Purchases by ever new users, straight into the log."""

    def __init__(self, brokers):
        self._writer = Producer({"bootstrap.servers": brokers, "linger.ms": 2, "partitioner": "murmur2_random"})
        self._count = 0
        now = round(time.time() * 1000)
        sale = intents.DefineSale(sku=SKU, sale_id="late", version=1, title="Late", price_minor=100, currency="EUR",
                                  limit_per_user=1, hold_seconds=3600, late_payment=intents.LATE_PAYMENT_REFUND)
        sale.slots.add(opens_ms=now - 1000, closes_ms=now + 86_400_000, quantity=100_000_000)
        self.partition = None
        self._append(intents.Intent(magic=INTENT_MAGIC, define_sale=sale), self._defined)
        self.flush()

    def _defined(self, _, message):
        self.partition = message.partition()

    def buy(self, count):
        for _ in range(count):
            self._count += 1
            purchase = intents.Purchase(sku=SKU, user=f"user-{self._count}", request_key="k", quantity=1)
            self._append(intents.Intent(magic=INTENT_MAGIC, purchase=purchase))
        self._writer.poll(0)

    def _append(self, intent, on_delivery=None):
        self._writer.produce("intents", intent.SerializeToString(), key=SKU, on_delivery=on_delivery)

    def flush(self):
        assert self._writer.flush(30) == 0
