"""Reads both topics from the broker, as any outsider would: read_committed, no group."""

import time

from confluent_kafka import Consumer, KafkaException, KafkaError, TopicPartition

from audit.log_copy import TOPICS, LogCopy, Message
from audit.messages import records


class CheckFailed(Exception):
    """The check itself could not be made."""


def _consumer(brokers, isolation):
    return Consumer({
        "bootstrap.servers": brokers,
        "group.id": "sluice-audit-unused",  # the library insists on a name; nothing is ever committed under it
        "enable.auto.commit": False,
        "isolation.level": isolation,
        "enable.partition.eof": True,
        "auto.offset.reset": "error",
    })


def _ends(brokers, partition_count, timeout_s):
    """High watermarks, transaction markers and open transactions included."""
    reader = _consumer(brokers, "read_uncommitted")
    try:
        ends = {}
        for topic in TOPICS:
            for partition in range(partition_count):
                ends[topic, partition] = reader.get_watermark_offsets(TopicPartition(topic, partition), timeout=timeout_s)
        return ends
    finally:
        reader.close()


def _drain(reader, topic, partition, low, end, copy, deadline):
    """Appends what lies in [low, end) to the copy. The end of the partition is what counts: the last offsets of `orders` are
    markers and never delivered, and an open transaction moves the end back until it is resolved."""
    reader.assign([TopicPartition(topic, partition, low)])
    while time.monotonic() < deadline:
        for message in reader.consume(10_000, timeout=0.2):
            if message.error() is None:
                copy.add(topic, partition, Message(message.offset(), message.timestamp()[1], message.value() or b""))
            elif message.error().code() != KafkaError._PARTITION_EOF:
                raise KafkaException(message.error())
            elif message.offset() >= end:
                return
    raise CheckFailed(f"{topic} partition {partition} could not be read up to {end} in time: an open transaction?")


def _covered(copy, partition):
    """The first offset of `intents` that no record rules on yet."""
    if not copy.orders(partition):
        return 0
    record = records.OrderRecord()
    record.ParseFromString(copy.orders(partition)[-1].value)
    return record.last_offset + 1


def read_logs(brokers, partition_count, wait_s):
    """A copy in which every intent that was there at the call has its record, or wait_s seconds have passed."""
    deadline = time.monotonic() + wait_s
    copy = LogCopy(partition_count)
    reader = _consumer(brokers, "read_committed")
    try:
        ends = _ends(brokers, partition_count, wait_s)
        for (topic, partition), (low, end) in ends.items():
            if end > low:
                _drain(reader, topic, partition, low, end, copy, deadline)
        for partition in range(partition_count):
            _wait_for_records(reader, copy, partition, deadline)
            _top_up_intents(reader, copy, partition, deadline)
        return copy
    except KafkaException as error:
        raise CheckFailed(f"Kafka at {brokers}: {error}") from error
    finally:
        reader.close()


def _wait_for_records(reader, copy, partition, deadline):
    if not copy.intents(partition):
        return
    wanted = copy.intents(partition)[-1].offset + 1
    orders = copy.orders(partition)
    reader.assign([TopicPartition("orders", partition, orders[-1].offset + 1 if orders else 0)])
    while _covered(copy, partition) < wanted and time.monotonic() < deadline:
        for message in reader.consume(10_000, timeout=0.2):
            if message.error() is None:
                copy.add("orders", partition, Message(message.offset(), message.timestamp()[1], message.value()))
            elif message.error().code() != KafkaError._PARTITION_EOF:
                raise KafkaException(message.error())


def _top_up_intents(reader, copy, partition, deadline):
    """If somebody still buys, the records read last may rule on intents newer than those read first."""
    have = copy.intents(partition)[-1].offset + 1 if copy.intents(partition) else 0
    covered = _covered(copy, partition)
    if covered > have:
        _drain(reader, "intents", partition, have, covered, copy, deadline)
