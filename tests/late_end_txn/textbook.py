"""The same late EndTxn, met by the loop of the textbook (naive_loop.py)."""

import asyncio
import contextlib
import subprocess
import sys
from pathlib import Path

from confluent_kafka import Consumer, KafkaError, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic
from naive_loop import TRANSACTIONAL_ID
from proxy import HOST, Proxy

MESSAGES = 2000
WAIT_SECONDS = 60


def numbers_after_late_end_txn(broker_port):
    """What the loop has written of 0 .. MESSAGES - 1, as a reader of committed messages is given it."""
    brokers = f"{HOST}:{broker_port}"
    admin = AdminClient({"bootstrap.servers": brokers})
    for topic in admin.create_topics([NewTopic("in", 1, 1), NewTopic("out", 1, 1)]).values():
        topic.result()
    writer = Producer({"bootstrap.servers": brokers})
    for number in range(MESSAGES):
        writer.produce("in", str(number).encode(), partition=0)
    writer.flush()
    asyncio.run(_run_loop(broker_port))
    return _numbers_of(brokers, "out")


async def _run_loop(broker_port):
    """Delays one EndTxn after the other until one has torn a transaction: not every transaction is long enough."""
    proxy = Proxy(broker_port)
    await proxy.start()
    script = str(Path(__file__).with_name("naive_loop.py"))
    loop = await asyncio.create_subprocess_exec(
        sys.executable, script, f"{HOST}:{proxy.port}", "in", "out", str(MESSAGES), stderr=subprocess.DEVNULL)
    ended = asyncio.create_task(loop.wait())
    try:
        while not proxy.torn and not ended.done():
            arrived = asyncio.create_task(proxy.delay_next(TRANSACTIONAL_ID).arrived.wait())
            await asyncio.wait({arrived, ended}, return_when=asyncio.FIRST_COMPLETED, timeout=WAIT_SECONDS)
            arrived.cancel()
        await asyncio.wait({ended}, timeout=WAIT_SECONDS)  # it may well never get to its end
    finally:
        with contextlib.suppress(ProcessLookupError):
            loop.kill()
        await ended
        await proxy.stop()


def _numbers_of(brokers, topic):
    reader = Consumer(
        {"bootstrap.servers": brokers, "group.id": "reader", "isolation.level": "read_committed", "enable.partition.eof": True})
    reader.assign([TopicPartition(topic, 0, 0)])
    numbers = []
    while True:
        message = reader.poll(WAIT_SECONDS)
        assert message is not None, "the end of the topic was not reached"
        if message.error():
            assert message.error().code() == KafkaError._PARTITION_EOF
            reader.close()
            return numbers
        numbers.append(int(message.value()))
