"""How far the ledgers are behind, seen from outside: the ends of `intents`, and what `orders` covers."""

import sys

from confluent_kafka import Consumer, KafkaException, TopicPartition

from folder import TREE
from problem import Problem

sys.path.insert(0, str(TREE))
from audit.messages import records  # noqa: E402 a package of the tree, not of this folder


class RushLog:
    def __init__(self, brokers, partitions):
        self._covered = [0] * partitions
        self._opened = set()
        self._reader = Consumer(
            {
                "bootstrap.servers": brokers,
                "group.id": "sluice-demo-unused",  # the library insists on a name; nothing is ever committed under it
                "enable.auto.commit": False,
                "isolation.level": "read_committed",
                "auto.offset.reset": "error",
                "fetch.wait.max.ms": 10,
            }
        )
        self._reader.assign([TopicPartition("orders", partition, 0) for partition in range(partitions)])

    def appended(self, partition):
        """How many intents the partition holds."""
        try:
            return self._reader.get_watermark_offsets(TopicPartition("intents", partition), timeout=5)[1]
        except KafkaException as error:
            raise Problem(f"Kafka does not say where intents end: {error.args[0].str()}") from error

    def undecided(self):
        """Intents of all partitions that no committed record covers. The ends are asked first, so that it never says too many."""
        appended = sum(self.appended(partition) for partition in range(len(self._covered)))
        self._read(0.05)
        return appended - sum(self._covered)

    def opened(self):
        """The SKUs of which a slot has opened."""
        self._read(0.01)
        return self._opened

    def _read(self, wait_seconds):
        record = records.OrderRecord()
        for message in self._reader.consume(10_000, timeout=wait_seconds):
            if message.error() is None:
                record.ParseFromString(message.value())
                self._covered[message.partition()] = record.last_offset + 1
                if record.change.slots_opened:
                    self._opened.add(record.change.sku)

    def close(self):
        self._reader.close()
