"""Positions, tickets and their public form (schemas/ids.h, schemas/public_id.h), and where a SKU lives (schemas/partitioner.h)."""

from dataclasses import dataclass

OFFSET_BITS = 44
POSITION_BITS = 52
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
TICKET_DIGITS = 13  # 64 bits, 5 a digit


@dataclass(frozen=True)
class Ticket:
    partition: int
    generation: int
    offset: int

    @property
    def position(self):
        return self.generation << OFFSET_BITS | self.offset

    @property
    def value(self):
        return self.partition << POSITION_BITS | self.position


def ticket_of(value):
    position = value & ((1 << POSITION_BITS) - 1)
    return Ticket(value >> POSITION_BITS, position >> OFFSET_BITS, position & ((1 << OFFSET_BITS) - 1))


def ticket_of_public_id(text):
    """The ticket in a public id; its HMAC is not looked at. Raises ValueError for what is no id."""
    text = text.upper().replace("-", "").replace("O", "0").replace("I", "1").replace("L", "1")
    if len(text) <= TICKET_DIGITS:
        raise ValueError(f"{text!r} is too short for a public id")
    value = 0
    for digit in text[:TICKET_DIGITS]:
        value = value << 5 | CROCKFORD.index(digit)
    if value >> 64:
        raise ValueError(f"{text!r} holds more than 64 bits")
    return ticket_of(value)


def murmur2(key):
    """As Kafka's Java client hashes a key, unsigned."""
    mix, mask = 0x5BD1E995, 0xFFFFFFFF
    value = 0x9747B28C ^ len(key)
    whole = len(key) & ~3
    for i in range(0, whole, 4):
        word = int.from_bytes(key[i : i + 4], "little") * mix & mask
        word = (word ^ word >> 24) * mix & mask
        value = (value * mix & mask) ^ word
    if rest := key[whole:]:
        value = (value ^ int.from_bytes(rest, "little")) * mix & mask
    value = (value ^ value >> 13) * mix & mask
    return value ^ value >> 15


def partition_of(sku, partition_count):
    return (murmur2(sku.encode()) & 0x7FFFFFFF) % partition_count
