"""Reads both topics from the broker, without a group: `orders` as any outsider would, read_committed, and `intents` as the ledger
does, uncommitted: they are appended without transactions, and what a stray writer leaves open in one holds nobody up."""

import time

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from audit.dead_letters import refused_row
from audit.log_copy import TOPICS, LogCopy, Message
from audit.messages import letters, records


_ISOLATION = {"intents": "read_uncommitted", "orders": "read_committed"}


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


def _ranges(brokers, partition_count, timeout_s):
    """(topic, partition) -> (low watermark, high watermark); the latter counts transaction markers and open transactions."""
    reader = _consumer(brokers, "read_uncommitted")
    try:
        return {(topic, partition): reader.get_watermark_offsets(TopicPartition(topic, partition), timeout=timeout_s)
                for topic in TOPICS for partition in range(partition_count)}
    finally:
        reader.close()


class _Reading:
    """A copy that grows until every intent that was there at its beginning has its record."""

    def __init__(self, brokers, partition_count, timeout_s):
        self.copy = LogCopy(partition_count)
        self._ranges = _ranges(brokers, partition_count, timeout_s)
        self._reached = {place: low for place, (low, _) in self._ranges.items()}
        self._covered = dict.fromkeys(self.copy.partitions(), 0)  # by records, of `intents`
        self._readers = []
        for wanted, isolation in _ISOLATION.items():
            self._readers.append(_consumer(brokers, isolation))
            # All at once and only once: librdkafka 2.0 can abort when it is assigned something else while a fetch is under way.
            places = [TopicPartition(topic, partition, low) for (topic, partition), (low, _) in self._ranges.items() if topic == wanted]
            self._readers[-1].assign(places)

    def close(self):
        for reader in self._readers:
            reader.close()

    def step(self):
        for message in (each for reader in self._readers for each in reader.consume(10_000, timeout=0.05)):
            place = (message.topic(), message.partition())
            if message.error() is None:
                self._take(place, message)
            elif message.error().code() == KafkaError._PARTITION_EOF:
                # The last offsets of `orders` are markers and never delivered, so only this says that the end is reached. An open
                # transaction holds it back.
                self._reached[place] = max(self._reached[place], message.offset())
            else:
                raise KafkaException(message.error())

    def _take(self, place, message):
        topic, partition = place
        self.copy.add(topic, partition, Message(message.offset(), message.timestamp()[1], message.value() or b""))
        self._reached[place] = message.offset() + 1
        if topic == "orders":
            record = records.OrderRecord()
            record.ParseFromString(message.value())
            self._covered[partition] = record.last_offset + 1

    def unread(self):
        return [f"{topic} partition {partition} from {self._reached[topic, partition]}"
                for (topic, partition), (_, end) in self._ranges.items() if self._reached[topic, partition] < end]

    def is_whole(self):
        return not self.unread() and all(
            self._covered[partition] >= self._ranges["intents", partition][1]
            and self._reached["intents", partition] >= self._covered[partition] for partition in self.copy.partitions())

    def drop_newcomers(self):
        """If somebody still buys, there are intents that came after the call and have no record yet."""
        for partition in self.copy.partitions():
            until = max(self._covered[partition], self._ranges["intents", partition][1])
            self.copy.topics["intents"][partition] = [each for each in self.copy.intents(partition) if each.offset < until]


def read_logs(brokers, partition_count, wait_s):
    """A copy in which every intent that was there at the call has its record, or wait_s seconds have passed."""
    deadline = time.monotonic() + wait_s
    try:
        reading = _Reading(brokers, partition_count, wait_s)
        try:
            while not reading.is_whole() and time.monotonic() < deadline:
                reading.step()
        finally:
            reading.close()
    except KafkaException as error:
        raise CheckFailed(f"Kafka at {brokers}: {error}") from error
    if unread := reading.unread():
        raise CheckFailed(f"not read in {wait_s:g} s, an open transaction? {'; '.join(unread)}")
    reading.drop_newcomers()
    return reading.copy


def read_dead_letters(brokers, wait_s):
    """What each row was that the sink was refused, in the order of the letters (audit/dead_letters.py). The sink writes a letter before
    it passes over the row, so this is to be read after MySQL. Without the topic there are none."""
    place = TopicPartition("dead-letters", 0)
    reader = _consumer(brokers, "read_committed")
    found, deadline = [], time.monotonic() + wait_s
    try:
        low, high = reader.get_watermark_offsets(place, timeout=wait_s)
        reader.assign([TopicPartition(place.topic, place.partition, low)])
        reached = low
        while reached < high:
            if time.monotonic() > deadline:
                raise CheckFailed(f"dead-letters: only read up to {reached} of {high}")
            for message in reader.consume(1000, timeout=0.1):
                if message.error() is None:
                    found.append(refused_row(letters.DeadLetter.FromString(message.value())))
                    reached = message.offset() + 1
                elif message.error().code() != KafkaError._PARTITION_EOF:
                    raise KafkaException(message.error())
    except KafkaException as error:
        if error.args[0].code() not in (KafkaError._UNKNOWN_PARTITION, KafkaError.UNKNOWN_TOPIC_OR_PART):
            raise CheckFailed(f"Kafka at {brokers}: {error}") from error
    finally:
        reader.close()
    return found
