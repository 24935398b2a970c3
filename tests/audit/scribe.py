"""Writes the history of a small sale as the daemons would have: logs, stores and the buyers' journal. Can be told to make
mistakes."""

import hashlib
import json
from collections import Counter

import xxhash

from audit.log_copy import LogCopy, Message
from audit.messages import INTENT_MAGIC, intents, read_intent, records, status_name
from audit.stores import Stores
from audit.tickets import CROCKFORD, OFFSET_BITS, Ticket, partition_of, ticket_of

PARTITIONS = 8
GENERATION = 1
OPENS_MS = 1_700_000_000_000
RECORD_DELAY_MS = 12


def public_id(ticket):
    digits = "".join(CROCKFORD[ticket.value >> 5 * i & 31] for i in reversed(range(13)))
    return digits + "0" * 12


def fingerprint(user, sku, key):
    """Of a purchase, as schemas/fingerprint.h has it."""
    use, sku, user, key = (bytes([len(part)]) + part for part in map(str.encode, ("purchase", sku, user, key)))
    digest = hashlib.sha256(use + sku + bytes(-len(use + sku) % 64) + user + key).digest()
    return int.from_bytes(digest[:8], "big"), int.from_bytes(digest[8:16], "big")


class Scribe:
    """One SKU. `oversell`: the sell-out comparison is broken. `dedupe=False`: keys are not remembered."""

    def __init__(self, sku="mask", stock=20, limit=2, oversell=False, dedupe=True):
        self.sku, self.limit, self.oversell, self.dedupe = sku, limit, oversell, dedupe
        self.partition = partition_of(sku, PARTITIONS)
        self.logs = LogCopy(PARTITIONS)
        self.journal = []
        self.orders = {}  # ticket -> (records.Order, offset)
        self.keys = {}
        self.units = {}
        self.digest = 0
        self.run = []  # (offset, log time, Verdict) that changed nothing and are not written yet
        self.log_time = 0
        self.log_offset = 0
        self.requests = 0
        self.opened = False
        self.last_changed = 0
        self.changed_ms = 0
        self.refused = []
        self.aliases = []  # (ticket of a repeated click, order)
        self.available = 0
        self.withdrawn = 0
        self.sale = intents.DefineSale(sku=sku, sale_id="sale-1", version=1, title="Masks", price_minor=500, currency="EUR",
                                       limit_per_user=limit, hold_seconds=1200, late_payment=intents.LATE_PAYMENT_REFUND)
        self.sale.slots.add(opens_ms=OPENS_MS, closes_ms=OPENS_MS + 3_600_000, quantity=stock)

    @property
    def stock(self):
        return self.sale.slots[0].quantity

    @property
    def next_offset(self):
        return len(self.logs.intents(self.partition))

    def append(self, append_ms, **kind):
        """An intent without its ruling."""
        value = intents.Intent(magic=INTENT_MAGIC, **kind).SerializeToString()
        return self.append_bytes(append_ms, value)

    def append_bytes(self, append_ms, value):
        offset = self.next_offset
        self.logs.add("intents", self.partition, Message(offset, append_ms, value))
        self.log_time = max(self.log_time, append_ms)
        return Ticket(self.partition, GENERATION, offset)

    def define(self):
        ticket = self.append(OPENS_MS - 5000, define_sale=self.sale)
        change = records.Change(sku=self.sku, verdict=records.Verdict(outcome=records.ACCEPTED))
        change.sale_defined.sale.CopyFrom(self.sale)
        self.write_change(ticket, change)
        return self

    def buy(self, user, key, quantity=1, after_ms=0, kind="once", force=None):
        """Appends, rules and journals one purchase. `force`: the ruling, instead of the right one."""
        purchase = intents.Purchase(sku=self.sku, user=user, request_key=key, quantity=quantity)
        ticket = self.append(OPENS_MS + after_ms, purchase=purchase)
        high, low = fingerprint(user, self.sku, key)
        verdict = records.Verdict(key_high=high, key_low=low, content=quantity)
        self._rule(user, key, verdict)
        if force is not None:
            verdict.outcome, verdict.reason, verdict.duplicate_of = force
        self.keys.setdefault((user, key), (ticket, verdict))
        if verdict.outcome == records.ACCEPTED:
            self._reserve(ticket, user, quantity, verdict)
        else:
            self.run.append((ticket.offset, self.log_time, verdict))
        if verdict.outcome == records.DUPLICATE and verdict.duplicate_of in self.orders:
            self.aliases.append((ticket, verdict.duplicate_of))
        if verdict.outcome == records.REFUSED:
            self.refused.append(verdict)
        self._write_journal(ticket, user, key, quantity, verdict, kind)
        return ticket

    def _rule(self, user, key, verdict):
        first = self.keys.get((user, key)) if self.dedupe else None
        quantity = verdict.content
        if first is not None and first[1].content == quantity:
            verdict.outcome, verdict.reason, verdict.duplicate_of = records.DUPLICATE, first[1].reason, first[0].value
        elif first is not None:
            verdict.outcome, verdict.reason = records.REFUSED, records.KEY_REUSED
        elif self.log_time < OPENS_MS:
            verdict.outcome, verdict.reason = records.REFUSED, records.NOT_ON_SALE
        elif self.units.get(user, 0) + quantity > self.limit:
            verdict.outcome, verdict.reason = records.REFUSED, records.LIMIT_REACHED
        elif quantity > (self.available if self.opened else self.stock) and not self.oversell:
            verdict.outcome, verdict.reason = records.REFUSED, records.SOLD_OUT
        else:
            verdict.outcome = records.ACCEPTED

    def _reserve(self, ticket, user, quantity, verdict):
        change = records.Change(sku=self.sku, verdict=verdict, reserved=records.Reserved())
        if not self.opened:
            change.slots_opened.add(index=0, quantity=self.stock)
            self.opened, self.available = True, self.stock
        self.available -= quantity
        self.units[user] = self.units.get(user, 0) + quantity
        order = change.orders.add(id=ticket.value, sku=self.sku, sale_id="sale-1", user=user, quantity=quantity,
                                  amount_minor=500 * quantity, currency="EUR", status=records.HELD, created_ms=self.log_time,
                                  deadline_ms=self.log_time + 1_200_000, hold_seconds=1200, key_high=verdict.key_high,
                                  key_low=verdict.key_low, content=verdict.content)
        self.orders[ticket.value] = (order, ticket.offset)
        self.write_change(ticket, change)

    def _counters(self):
        held, sold = (sum(order.quantity for order, _ in self.orders.values() if order.status == status)
                      for status in (records.HELD, records.PAID))
        return {"defined": self.stock, "unopened": 0 if self.opened else self.stock, "available": self.available, "held": held,
                "sold": sold, "withdrawn": self.withdrawn}

    def write_change(self, ticket, change):
        self.flush()
        if change.sku:
            change.counters.CopyFrom(records.Counters(sale_id="sale-1", **self._counters()))
            self.last_changed, self.changed_ms = ticket.offset, self.log_time
        self._chain(ticket.offset, self.log_time, change)
        self._write(records.OrderRecord(first_offset=ticket.offset, last_offset=ticket.offset, log_time_ms=self.log_time,
                                        change=change))

    def flush(self):
        """Writes the run of verdicts that changed nothing as one record."""
        if not self.run:
            return self
        record = records.OrderRecord(first_offset=self.run[0][0], last_offset=self.run[-1][0], log_time_ms=self.run[0][1],
                                     unchanged=records.Unchanged(skus=[self.sku]))
        skus = [self._sku_of(offset) for offset, _, _ in self.run]
        record.unchanged.sku_of.extend(1 if sku else 0 for sku in skus)
        before = record.log_time_ms
        for (offset, log_time, verdict), sku in zip(self.run, skus):
            record.unchanged.verdicts.append(verdict)
            record.unchanged.log_time_deltas_ms.append(log_time - before)
            before = log_time
            self._chain(offset, log_time, verdict, sku)
        self.run = []
        self._write(record)
        return self

    def _sku_of(self, offset):
        intent = read_intent(self.logs.intents(self.partition)[offset].value)
        return self.sku if intent is not None and intent.WhichOneof("kind") == "purchase" else ""

    def _chain(self, offset, log_time, ruling, sku=""):
        body = xxhash.xxh3_64_intdigest(ruling.SerializeToString(deterministic=True) + sku.encode())
        words = b"".join(word.to_bytes(8, "little") for word in (offset, log_time, body))
        self.digest = xxhash.xxh3_64_intdigest(words, seed=self.digest)

    def _write(self, record):
        record.rules_version, record.digest = 1, self.digest
        value = record.SerializeToString()
        self.logs.add("orders", self.partition, Message(self.log_offset, self.log_time + RECORD_DELAY_MS, value))
        self.log_offset += 1

    def _write_journal(self, ticket, user, key, quantity, verdict, kind):
        self.requests += 1
        number, named = self.requests, public_id(ticket)
        told = {"ticket": named, "status": "refused", "reason": records.Reason.Name(verdict.reason).lower()}
        if not verdict.reason:
            told = {"ticket": named, "status": "held", "order": public_id(ticket_of(verdict.duplicate_of or ticket.value))}
        t = self.log_time
        self.journal += [
            {"t": t, "event": "ask", "request": number, "attempt": 1, "buyer": user, "sku": self.sku, "key": key,
             "quantity": quantity, "kind": kind},
            {"t": t + 3, "event": "answer", "request": number, "attempt": 1, "http": 202,
             "body": {"ticket": named, "status": "pending"}},
            {"t": t + 4, "event": "read", "request": number, "ticket": named},
            {"t": t + 20, "event": "told", "request": number, "ticket": named, "http": 200, "body": told},
        ]

    def stores(self):
        """What Redis and MySQL would hold."""
        self.flush()
        position = GENERATION << OFFSET_BITS
        slot = self.sale.slots[0]
        slots = [{"opens_ms": slot.opens_ms, "closes_ms": slot.closes_ms, "quantity": slot.quantity, "opened": self.opened}]
        stock = {"version": position | self.last_changed, "sale_id": "sale-1", "title": "Masks", "price_minor": 500,
                 "currency": "EUR", "limit_per_user": self.limit, "hold_seconds": 1200,
                 "frozen": 0, "slots": json.dumps(slots), **self._counters()}
        found = {f"stock:{self.sku}": stock, f"progress:{self.partition}": {"version": position | self.next_offset}}
        rows = []
        for ticket, (order, offset) in self.orders.items():
            fields = {"version": position | offset, "status": status_name(order.status), "sku": order.sku, "user": order.user,
                      "quantity": order.quantity, "amount_minor": order.amount_minor, "currency": order.currency,
                      "created_ms": order.created_ms, "deadline_ms": order.deadline_ms}
            found[f"order:{ticket}"] = fields | (
                {"pay_by_ms": order.deadline_ms + RECORD_DELAY_MS} if order.status == records.HELD else {})
            rows.append({"id": ticket, "partition": self.partition, "sale_id": "sale-1", "payment_id": order.payment_id or None,
                         **fields})
        for duplicate, order in self.aliases:
            found[f"order:{duplicate.value}"] = {"version": position | duplicate.offset, "alias_of": order}
        as_text = {key: {name: str(value) for name, value in fields.items()} for key, fields in found.items()}
        positions = [{"partition": self.partition, "generation": GENERATION, "next_offset": self.next_offset,
                      "digest": self.digest}]
        return Stores(as_text, rows, positions, self._tables())

    def _tables(self):
        """Of the tables besides orders, those that a scribe of purchases knows."""
        position = GENERATION << OFFSET_BITS
        history = [{"order_id": ticket, "version": position | ticket_of(ticket).offset, "event": "reserved",
                    "log_time_ms": order.created_ms, "reason": None} for ticket, (order, _) in self.orders.items()]
        counts = Counter(("mask", "sale-1", 0, records.Reason.Name(verdict.reason).lower())
                         for verdict in self.refused)
        refusals = [{"sku": sku, "sale_id": sale, "slot": slot, "reason": reason, "count": count}
                    for (sku, sale, slot, reason), count in counts.items()]
        slots = [{"opens_ms": slot.opens_ms, "closes_ms": slot.closes_ms, "quantity": slot.quantity} for slot in self.sale.slots]
        sale = {"sku": self.sku, "partition": self.partition, "version": position | self.last_changed, "sale_id": "sale-1",
                "sale_version": 1, "title": "Masks", "price_minor": 500, "currency": "EUR", "limit_per_user": self.limit,
                "hold_seconds": 1200, "late_payment": "refund", "slots": json.dumps(slots), "opened_slots": int(self.opened),
                "frozen": 0, **self._counters(), "changed_ms": self.changed_ms}
        return {"order_history": history, "refusals": refusals, "sales": [sale], "payments": []}
