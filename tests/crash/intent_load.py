"""The buyers, payers and administrators of a run, as producers of intents, and a reader who is told every verdict. Both keep the
journals of which audit/README.md speaks, so that the check knows what was asked, acknowledged and told."""

import json
import random
import threading
import time

from audit.messages import INTENT_MAGIC, intents, reason_name, records
from audit.tickets import CROCKFORD, Ticket, partition_of, ticket_of
from confluent_kafka import Consumer, Producer, TopicPartition
from yard import PARTITIONS

GENERATION = 1
PRICE, CURRENCY, HOLD_SECONDS, LIMIT = 500, "EUR", 1, 3
_TICK_SECONDS, _INTENTS_A_TICK = 0.02, 14
_STOCK = 150  # of a slot: sold out within seconds, and sold again as holds end


def public_id(value):
    """A ticket in the form that buyers see, without a proof that anybody looks at here."""
    return "".join(CROCKFORD[value >> 5 * digit & 31] for digit in reversed(range(13))) + "0" * 12


def skus(per_partition=2):
    """Names of which each partition has so many."""
    found, number = {partition: [] for partition in range(PARTITIONS)}, 0
    while any(len(names) < per_partition for names in found.values()):
        name = f"mask-{number}"
        number += 1
        if len(found[partition_of(name, PARTITIONS)]) < per_partition:
            found[partition_of(name, PARTITIONS)].append(name)
    return [name for names in found.values() for name in names]


class _Journal:
    def __init__(self, path):
        path.unlink(missing_ok=True)
        self._path, self._file, self._lock = path, open(path, "a", encoding="utf-8", buffering=1), threading.Lock()

    def write(self, **line):
        with self._lock:
            self._file.write(json.dumps({"t": int(time.time() * 1000), **line}) + "\n")

    def drop(self, unwanted):
        """Lines for which it holds. Others may write meanwhile: they go on at the new end."""
        with self._lock:
            lines = self._path.read_text(encoding="utf-8").splitlines(keepends=True)
            self._path.write_text("".join(line for line in lines if not unwanted(json.loads(line))), encoding="utf-8")


class IntentLoad:
    """REQUIRES: the topics are there. `folder`: for the journals."""

    def __init__(self, brokers, folder, seed):
        self._dice = random.Random(seed)
        self.journal_path, self.book_path = folder / "journal.jsonl", folder / "payments.jsonl"
        self._journal, self._book = _Journal(self.journal_path), _Journal(self.book_path)
        self._brokers, self._skus = brokers, skus()
        self._partitions = {sku: partition_of(sku, PARTITIONS) for sku in self._skus}
        self._producer = Producer({"bootstrap.servers": brokers, "enable.idempotence": True, "linger.ms": 2, "log_level": 0,
                                   "message.timeout.ms": 120_000})
        self._numbers, self._used = 0, []
        self._lock = threading.Lock()
        self._requests = {}  # (partition, offset) -> request of an acknowledged purchase
        self._payments = {}  # (partition, offset) -> line of the book
        self._told = {}  # (partition, offset) -> verdict
        self._held = []  # (ticket, user, quantity, request) that buyers were told to hold
        self.acknowledged = 0
        self._ended, self._tail_ended, self._flows = threading.Event(), threading.Event(), threading.Event()
        self._flows.set()
        self._sender = threading.Thread(target=self._send_all, daemon=True)
        self._tail = threading.Thread(target=self._read_verdicts, daemon=True)

    def begin(self):
        opens = int(time.time() * 1000)
        for sku in self._skus:
            sale = intents.DefineSale(sku=sku, sale_id="crash", version=1, title="Masks", price_minor=PRICE, currency=CURRENCY, limit_per_user=LIMIT,
                                      hold_seconds=HOLD_SECONDS, late_payment=self._dice.choice((1, 2)))
            for after in (0, 4000):
                sale.slots.add(opens_ms=opens + after, closes_ms=opens + (4000 if after == 0 else 3_600_000), quantity=_STOCK)
            self._send(sku, define_sale=sale)
        for thread in (self._tail, self._sender):
            thread.start()

    def end(self):
        """Nothing is sent any more; a last intent on every partition lies behind whatever a fault has left there."""
        self._ended.set()
        self._sender.join()
        for sku in self._skus:
            self._buy(sku, f"last-{sku}", 1)
        if left := self._producer.flush(60):
            raise TimeoutError(f"{left} intents are not acknowledged after 60 s")

    def pause(self):
        """Until resume(): all that was sent is acknowledged, or will never be."""
        self._flows.clear()
        self._producer.flush(30)

    def resume(self):
        self._flows.set()

    def forget(self, lost):
        """What the broker has acknowledged and then lost, and a person has declared lost: (partition, offset). Nobody can have a verdict
        on it, so it counts as never answered. REQUIRES: ended."""
        for place in lost:
            if line := self._payments.get(place):
                self._book.write(**line, deliveries=1, acknowledged=0)
        tickets = {public_id(Ticket(partition, GENERATION, offset).value) for partition, offset in lost}
        if tickets:
            self._journal.drop(lambda line: line.get("body", {}).get("ticket") in tickets)

    def abandon(self):
        """Whatever state it is in: nothing of it may reach the next run."""
        self._ended.set()
        self._sender.join()
        self._producer.purge()
        self._producer.flush(5)
        self.end_reading()

    def end_reading(self):
        """REQUIRES: begun. Whoever is told no more is told before `orders` is replaced."""
        self._tail_ended.set()
        self._tail.join()

    def _send_all(self):
        while not self._ended.wait(_TICK_SECONDS):
            for _ in range(_INTENTS_A_TICK if self._flows.is_set() else 0):
                self._send_one()
            self._producer.poll(0)

    def _send_one(self):
        what = self._dice.random()
        if what < 0.80 or not self._held:
            self._send_purchase()
        elif what < 0.94:
            self._pay()
        elif what < 0.98:
            self._cancel()
        elif what < 0.985:
            self._send_bytes(self._dice.choice(self._skus), b"no intent")
        else:
            delta, sku = self._dice.choice((5, 3, -4)), self._dice.choice(self._skus)
            self._send(sku, adjust_stock=intents.AdjustStock(request_key=f"adjust-{self._next()}", sku=sku, delta=delta, reason="counted again"))

    def _send_purchase(self):
        if self._used and self._dice.random() < 0.08:
            sku, user, key, quantity = self._dice.choice(self._used)
            self._buy(sku, user, quantity if self._dice.random() < 0.8 else quantity + 1, key)
        else:
            self._buy(self._dice.choice(self._skus), f"user-{self._dice.randrange(4000)}", self._dice.choice((1, 1, 2)))

    def _buy(self, sku, user, quantity, key=None):
        number = self._next()
        key = key or f"key-{number}"
        self._used = [*self._used[-200:], (sku, user, key, quantity)]
        self._journal.write(event="ask", request=number, attempt=1, buyer=user, sku=sku, key=key, quantity=quantity, kind="once")

        def acknowledged(ticket):
            self._journal.write(event="answer", request=number, attempt=1, http=202, body={"ticket": public_id(ticket.value), "status": "pending"})
            with self._lock:
                self._requests[ticket.partition, ticket.offset] = (number, user, quantity)
                self._tell(ticket.partition, ticket.offset)

        self._send(sku, acknowledged, purchase=intents.Purchase(sku=sku, user=user, request_key=key, quantity=quantity))

    def _pay(self):
        order, _, quantity, _, sku = self._dice.choice(self._held)
        payment = f"pay-{self._next()}"
        amount = quantity * PRICE if self._dice.random() < 0.9 else quantity * PRICE - 1
        line = {"payment_id": payment, "order": public_id(order), "amount_minor": amount, "currency": CURRENCY, "times": 1}
        self._book.write(**line, deliveries=1, acknowledged=0)
        pay = intents.Pay(order=order, payment_id=payment, amount_minor=amount, currency=CURRENCY)

        def acknowledged(ticket):
            self._book.write(**line, deliveries=1, acknowledged=1)
            self._payments[ticket.partition, ticket.offset] = line

        self._send(sku, acknowledged, pay=pay)

    def _cancel(self):
        order, user, _, request, sku = self._dice.choice(self._held)
        self._journal.write(event="cancel", request=request, attempt=1, order=public_id(order))
        self._send(sku, cancel=intents.Cancel(order=order, user=user))

    def _next(self):
        self._numbers += 1
        return self._numbers

    def _send(self, sku, on_ticket=None, **kind):
        self._send_bytes(sku, intents.Intent(magic=INTENT_MAGIC, **kind).SerializeToString(), on_ticket)

    def _send_bytes(self, sku, value, on_ticket=None):
        def delivered(error, message):
            # Without an offset nobody can be told a ticket: like an answer that never came.
            if error is None and message.offset() >= 0:
                self.acknowledged += 1
                if on_ticket:
                    on_ticket(Ticket(message.partition(), GENERATION, message.offset()))

        while True:
            try:
                self._producer.produce("intents", value, key=sku, partition=self._partitions[sku], on_delivery=delivered)
                return
            except BufferError:
                self._producer.poll(0.1)

    def _read_verdicts(self):
        reader = Consumer({"bootstrap.servers": self._brokers, "group.id": "unused", "enable.auto.commit": False, "log_level": 0,
                           "isolation.level": "read_committed", "auto.offset.reset": "earliest"})
        reader.assign([TopicPartition("orders", partition, 0) for partition in range(PARTITIONS)])
        while not self._tail_ended.is_set():
            for message in reader.consume(500, timeout=0.1):
                if message.error() is None:
                    record = records.OrderRecord.FromString(message.value())
                    self._take(message.partition(), record)
        reader.close()

    def _take(self, partition, record):
        change = record.change if record.WhichOneof("body") == "change" else None
        verdicts = [change.verdict] if change else record.unchanged.verdicts
        with self._lock:
            for offset, verdict in enumerate(verdicts, record.first_offset):
                self._told[partition, offset] = verdict
                self._tell(partition, offset, change.sku if change else "")

    def _tell(self, partition, offset, sku=""):
        """Once both the acknowledgement and the verdict are there. REQUIRES: the lock is held."""
        request, verdict = self._requests.get((partition, offset)), self._told.get((partition, offset))
        if request is None or verdict is None:
            return
        ticket = Ticket(partition, GENERATION, offset).value
        body = {"ticket": public_id(ticket)}
        if verdict.reason:
            body |= {"status": "refused", "reason": reason_name(verdict.reason)}
        elif verdict.outcome in (records.ACCEPTED, records.DUPLICATE):
            first = ticket_of(verdict.duplicate_of or ticket).value
            body |= {"status": "held", "order": public_id(first)}
        else:
            return
        self._journal.write(event="read", request=request[0], ticket=public_id(ticket))
        self._journal.write(event="told", request=request[0], ticket=public_id(ticket), http=200, body=body)
        if verdict.outcome == records.ACCEPTED:
            self._held = [*self._held[-100:], (ticket, request[1], request[2], request[0], self._skus_of(partition)[0])]

    def _skus_of(self, partition):
        return [sku for sku, its in self._partitions.items() if its == partition]
