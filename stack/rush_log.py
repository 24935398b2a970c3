"""How far the ledger is behind, seen from outside: the end of `intents`, and what `orders` covers, of one partition."""

import sys

from confluent_kafka import Consumer, KafkaException, TopicPartition

from folder import TREE
from problem import Problem

sys.path.insert(0, str(TREE))
from audit.messages import records  # noqa: E402 a package of the tree, not of this folder


class RushLog:
    def __init__(self, brokers, partition):
        self._intents = TopicPartition("intents", partition)
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
        self._reader.assign([TopicPartition("orders", partition, 0)])
        self._covered = 0

    def appended(self):
        """How many intents the partition holds."""
        try:
            return self._reader.get_watermark_offsets(self._intents, timeout=5)[1]
        except KafkaException as error:
            raise Problem(f"Kafka does not say where intents end: {error.args[0].str()}") from error

    def undecided(self):
        """Intents that no committed record covers: asked in the order that never says too many."""
        appended = self.appended()
        record = records.OrderRecord()
        for message in self._reader.consume(10_000, timeout=0.05):
            if message.error() is None:
                record.ParseFromString(message.value())
                self._covered = record.last_offset + 1
        return appended - self._covered

    def close(self):
        self._reader.close()
