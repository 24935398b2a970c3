"""A copy of the topics `intents` and `orders`: in memory, and as a file, so that a check can be repeated without a broker."""

import struct
from collections import defaultdict
from dataclasses import dataclass

FILE_MAGIC = b"SLUICE-LOGS-1\n"
ENTRY = struct.Struct("<BHqqI")  # topic, partition, offset, append time in Unix milliseconds, bytes of value that follow
TOPICS = ("intents", "orders")


@dataclass(frozen=True)
class Message:
    offset: int
    append_ms: int
    value: bytes


class LogCopy:
    def __init__(self, partition_count):
        self.partition_count = partition_count
        self.topics = {topic: defaultdict(list) for topic in TOPICS}

    def add(self, topic, partition, message):
        self.topics[topic][partition].append(message)

    def intents(self, partition):
        return self.topics["intents"][partition]

    def orders(self, partition):
        return self.topics["orders"][partition]

    def partitions(self):
        return range(self.partition_count)

    def save(self, path):
        with open(path, "wb") as file:
            file.write(FILE_MAGIC + struct.pack("<H", self.partition_count))
            for number, topic in enumerate(TOPICS):
                for partition in sorted(self.topics[topic]):
                    for message in self.topics[topic][partition]:
                        head = ENTRY.pack(number, partition, message.offset, message.append_ms, len(message.value))
                        file.write(head + message.value)

    @classmethod
    def load(cls, path):
        with open(path, "rb") as file:
            everything = file.read()
        if not everything.startswith(FILE_MAGIC):
            raise ValueError(f"{path} is no copy of the logs")
        at = len(FILE_MAGIC)
        copy = cls(struct.unpack_from("<H", everything, at)[0])
        at += 2
        while at < len(everything):
            number, partition, offset, append_ms, size = ENTRY.unpack_from(everything, at)
            at += ENTRY.size
            if at + size > len(everything):
                raise ValueError(f"{path} ends in the middle of a message")
            copy.add(TOPICS[number], partition, Message(offset, append_ms, everything[at : at + size]))
            at += size
        return copy
