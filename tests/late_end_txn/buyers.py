"""Purchases by ever new users, straight into the log, for one SKU on each partition."""

import time

from audit.messages import INTENT_MAGIC, intents
from audit.tickets import partition_of
from confluent_kafka import Producer

# As long as names may be: a transaction then takes several produce requests, and can be torn.
_NAME_BYTES = 64
_HOLD_SECONDS = 3600


def _long(text):
    return text.ljust(_NAME_BYTES, "-")


class Buyers:
    def __init__(self, brokers, partition_count):
        # A burst is one request, so that the ledger finds all of it.
        self._writer = Producer({"bootstrap.servers": brokers, "linger.ms": 50, "batch.size": 1_000_000})
        self._count = 0
        self._skus = {}
        number = 0
        while len(self._skus) < partition_count:
            sku = _long(f"mask-{number}")
            self._skus.setdefault(partition_of(sku, partition_count), sku)
            number += 1
        for partition in self._skus:
            self._define(partition)
        self.flush()

    def _define(self, partition):
        now = round(time.time() * 1000)
        sale = intents.DefineSale(sku=self._skus[partition], sale_id=_long("late"), version=1, title="Late", price_minor=100,
                                  currency="EUR", limit_per_user=1, hold_seconds=_HOLD_SECONDS,
                                  late_payment=intents.LATE_PAYMENT_REFUND)
        sale.slots.add(opens_ms=now - 1000, closes_ms=now + 86_400_000, quantity=100_000_000)
        self._append(partition, intents.Intent(magic=INTENT_MAGIC, define_sale=sale))

    def buy(self, partition, count):
        sku = self._skus[partition]
        for _ in range(count):
            self._count += 1
            purchase = intents.Purchase(sku=sku, user=_long(f"user-{self._count}"), request_key="k", quantity=1)
            self._append(partition, intents.Intent(magic=INTENT_MAGIC, purchase=purchase))
        self._writer.poll(0)

    def _append(self, partition, intent):
        self._writer.produce("intents", intent.SerializeToString(), key=self._skus[partition], partition=partition)

    def flush(self):
        assert self._writer.flush(30) == 0
