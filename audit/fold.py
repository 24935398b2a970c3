"""Walks the records of each partition over its intents: coverage, log time, digests and stock, at every prefix."""

from collections import Counter
from dataclasses import dataclass

import xxhash

from audit.findings import spot
from audit.ledger_state import LedgerState, OrderEntry, PaymentEntry, Transition
from audit.messages import read_intent, reason_name, records, skus_of_verdicts, status_name
from audit.rulings import Asked, judge, reasons_in_form
from audit.tickets import OFFSET_BITS, Ticket

COUNTERS = ("defined", "unopened", "available", "held", "sold", "withdrawn")

# What an order may become. Its first status is HELD; PAID after it was closed is a late payment that bought it again.
MOVES = {
    records.HELD: {records.PAID, records.CANCELLED, records.RELEASED},
    records.PAID: {records.REFUNDED},
    records.CANCELLED: {records.PAID},
    records.RELEASED: {records.PAID},
    records.REFUNDED: set(),
}


@dataclass(frozen=True)
class Opening:
    """A slot that was opened."""

    sku: str
    index: int
    due_ms: int  # when it was to open, or when it was defined if that was later
    record_append_ms: int
    by: str  # the kind of intent


@dataclass(frozen=True)
class Ruling:
    """The verdict on one intent and where it stands."""

    verdict: object
    record_append_ms: int


@dataclass(frozen=True)
class _Step:
    """One intent and what its record says."""

    where: str
    partition: int
    offset: int
    log_time: int
    record_append_ms: int
    intent: object  # None for bytes that are no intent
    change: object  # None: it changed nothing

    @property
    def event(self):
        return self.change.WhichOneof("event") if self.change is not None else None

    def transition(self, status):
        event, reason = self.event, ""
        if event == "paid" and self.change.paid.bought_again:
            event = "bought_again"
        elif event == "refunded":
            reason = "restocked" if self.change.refunded.restocked else "withdrawn"
        return Transition(status, event, self.offset, self.log_time, self.record_append_ms, reason)


class Fold:
    """REQUIRES: read() is called once, before anything is read from it. `clocks_differ_ms`: the broker's clock was set back by so much at
    most, so that a record's append time may lie before its moment."""

    def __init__(self, logs, generation, findings, clocks_differ_ms=0):
        self.logs = logs
        self._clocks_differ_ms = clocks_differ_ms
        self.generation = generation
        self.findings = findings
        self.state = LedgerState()
        self.intents = {}  # (partition, offset) -> (append time, Intent or None)
        self.rulings = {}  # (partition, offset) -> Ruling
        self.next_offset = {}  # partition -> first offset without a ruling
        self.digests = {}  # (partition, first offset that a record does not cover) -> its digest
        self.openings = []
        self.refusals = Counter()  # (sku, sale id, slot or -1, reason) -> purchases, as MySQL counts them
        self._reported_drift = {}  # (sku, counter) -> difference already told

    def read(self):
        for partition in self.logs.partitions():
            self._read_partition(partition)
        return self

    def next_positions(self):
        """Partition -> position of its first intent without a ruling, for the partitions that have any rulings."""
        return {partition: self.generation << OFFSET_BITS | offset for partition, offset in self.next_offset.items() if offset}

    def _read_partition(self, partition):
        times = {}  # offset -> log time
        running = 0
        for message in self.logs.intents(partition):
            running = max(running, message.append_ms)
            times[message.offset] = running
            self.intents[partition, message.offset] = (message.append_ms, read_intent(message.value))
        self._times = times
        self._digest = 0
        expected = 0
        for message in self.logs.orders(partition):
            record = records.OrderRecord()
            record.ParseFromString(message.value)
            if not self._continues(partition, record, expected):
                continue
            if record.first_offset != expected:
                self._digest = None
            self._read_record(partition, record, message)
            expected = record.last_offset + 1
        self.next_offset[partition] = expected
        for offset in times:
            if offset >= expected:
                self.findings.add("lost", spot(partition, offset), "no record rules on this intent")

    def _continues(self, partition, record, expected):
        first, last = record.first_offset, record.last_offset
        if first > expected:
            missing = [offset for offset in range(expected, first) if (partition, offset) in self.intents]
            for offset in missing:
                self.findings.add("lost", spot(partition, offset), f"the records pass over it: one ends at {expected - 1}, the "
                                  f"next begins at {first}")
            if not missing:
                self.findings.add("other", spot(partition, first), f"the record before ends at {expected - 1}")
        elif first < expected:
            self.findings.add("doubled", spot(partition, first), f"ruled on twice: a second record covers {first} to {last}",
                              expected - first)
        return last >= first >= expected

    def _read_record(self, partition, record, message):
        if record.HasField("voided"):
            self._read_voided(partition, record, message)
            return
        is_change = record.WhichOneof("body") == "change"
        verdicts = [record.change.verdict] if is_change else record.unchanged.verdicts
        if len(verdicts) != record.last_offset - record.first_offset + 1:
            self.findings.add("other", spot(partition, record.first_offset), f"{len(verdicts)} verdicts for the offsets "
                              f"{record.first_offset} to {record.last_offset}")
        deltas = record.unchanged.log_time_deltas_ms or [0] * len(verdicts)
        skus = skus_of_verdicts(record.unchanged) if not is_change else [""]
        log_time = record.log_time_ms
        for offset, verdict, delta, sku in zip(range(record.first_offset, record.last_offset + 1), verdicts, deltas, skus):
            log_time += delta
            if (partition, offset) not in self.intents:
                self.findings.add("other", spot(partition, offset), "a ruling on an intent that is not in the log")
                continue
            if log_time != self._times[offset]:
                self.findings.add("other", spot(partition, offset), f"log time {log_time}, but the running maximum of the "
                                  f"append times is {self._times[offset]}")
            self.rulings[partition, offset] = Ruling(verdict, message.append_ms)
            self._rule(partition, offset, log_time, verdict, record.change if is_change else None, message.append_ms)
            if not is_change and sku != self._sku_of_sale(partition, offset):
                self.findings.add("other", spot(partition, offset), f"the record says that it is about {sku!r}")
            self._chain(offset, log_time, record.change if is_change else verdict, sku)
        self._check_digest(partition, record)

    def _read_voided(self, partition, record, message):
        """An operator recorded that these intents are gone, so none may be there; and a request that was acknowledged is lost."""
        for offset in range(record.first_offset, record.last_offset + 1):
            where = spot(partition, offset)
            if (partition, offset) in self.intents:
                self.findings.add("other", where, "voided, but the intent is in the log")
            self.rulings[partition, offset] = Ruling(records.Verdict(outcome=records.VOIDED), message.append_ms)
        if self._digest is not None:
            body = xxhash.xxh3_64_intdigest(record.voided.SerializeToString(deterministic=True) + record.first_offset.to_bytes(8, "little"))
            words = b"".join(word.to_bytes(8, "little") for word in (record.last_offset, record.log_time_ms, body))
            self._digest = xxhash.xxh3_64_intdigest(words, seed=self._digest)
        self._check_digest(partition, record)

    def _chain(self, offset, log_time, ruling, sku):
        if self._digest is None:
            return
        body = xxhash.xxh3_64_intdigest(ruling.SerializeToString(deterministic=True) + sku.encode())
        words = b"".join(word.to_bytes(8, "little") for word in (offset, log_time, body))
        self._digest = xxhash.xxh3_64_intdigest(words, seed=self._digest)

    def _check_digest(self, partition, record):
        if self._digest is not None and record.digest != self._digest:
            self.findings.add("other", spot(partition, record.last_offset), "the digest chain breaks here")
        self._digest = self.digests[partition, record.last_offset + 1] = record.digest

    def _rule(self, partition, offset, log_time, verdict, change, record_append_ms):
        """One intent: opens slots, is judged against what stood before it, then changes what it changes."""
        where = spot(partition, offset)
        defines = change is not None and change.WhichOneof("event") == "sale_defined"
        step = _Step(where, partition, offset, log_time, record_append_ms, self.intents[partition, offset][1], change)
        if change is not None and not defines:
            self._open_slots(step)
        asked = Asked(Ticket(partition, self.generation, offset), step.intent, log_time, self.logs.partition_count)
        self._count_refusal(step, verdict)
        judge(self.state, asked, verdict, change, self.findings)
        if change is None:
            return
        self._apply_event(step)
        if defines:  # opens slots of what it defines
            self._open_slots(step)
        for order in change.orders:
            self._apply_order(step, order)
        for payment in change.payments:
            self._apply_payment(step, payment)
        self._check_stock(step)

    def _count_refusal(self, step, verdict):
        sku = self._sku_of_sale(step.partition, step.offset) if verdict.outcome == records.REFUSED else ""
        if sku:
            sale = self.state.current[sku]
            self.refusals[sku, sale.definition.sale_id, sale.slot_at(step.log_time), reason_name(verdict.reason)] += 1

    def _sku_of_sale(self, partition, offset):
        """What an unchanged verdict is about: the SKU of a purchase, if it has a sale here and its request can be looked at."""
        intent = self.intents[partition, offset][1]
        if intent is None or intent.WhichOneof("kind") != "purchase":
            return ""
        asked = Asked(Ticket(partition, self.generation, offset), intent, 0, self.logs.partition_count)
        known = intent.purchase.sku in self.state.current and not reasons_in_form(asked, intent.purchase)
        return intent.purchase.sku if known else ""

    def _open_slots(self, step):
        for opened in step.change.slots_opened:
            self._open_slot(step, step.change.sku, opened)

    def _open_slot(self, step, sku, opened):
        where, log_time = step.where, step.log_time
        sale = self.state.current.get(sku)
        if sale is None or opened.index >= len(sale.definition.slots):
            self.findings.add("other", where, f"opens slot {opened.index} of {sku}, which no sale has")
            return
        slot = sale.definition.slots[opened.index]
        if opened.index in sale.opened:
            self.findings.add("other", where, f"opens slot {opened.index} of {sku} a second time")
            return
        if slot.opens_ms > log_time:
            self.findings.add("other", where, f"opens slot {opened.index} of {sku} {slot.opens_ms - log_time} ms early")
        if slot.quantity != opened.quantity:
            self.findings.add("other", where, f"opens slot {opened.index} of {sku} with {opened.quantity} units, it was "
                              f"defined with {slot.quantity}")
        sale.opened[opened.index] = slot.quantity  # what was promised counts, not what the record says
        kind = step.intent.WhichOneof("kind") if step.intent is not None else "nothing"
        self.openings.append(Opening(sku, opened.index, max(slot.opens_ms, sale.defined_ms), step.record_append_ms, kind))

    def _apply_event(self, step):
        change, event = step.change, step.event
        sku = change.sku
        if event == "sale_defined":
            self.state.define(change.sale_defined.sale, step.partition, step.log_time)
        elif event == "stock_adjusted" and sku in self.state.current:
            sale = self.state.current[sku]
            if change.stock_adjusted.delta >= 0:
                sale.adjusted += change.stock_adjusted.delta
            else:
                sale.withdrawn -= change.stock_adjusted.delta
        elif event == "frozen":
            (self.state.frozen.add if change.frozen.on else self.state.frozen.discard)(sku)
        elif event == "refunded" and not change.refunded.restocked:
            for order in change.orders:
                if sale := self.state.sale_of(order):
                    sale.withdrawn += order.quantity

    def _apply_order(self, step, order):
        before = self.state.orders.get(order.id)
        sale = self.state.sale_of(order)
        if sale is None:
            self.findings.add("other", step.where, f"order {order.id} is of the sale {order.sale_id}, which was never defined")
            return
        if before is None:
            if order.status != records.HELD:
                self.findings.add("other", step.where, f"order {order.id} begins as {status_name(order.status)}")
        else:
            self._check_move(step, before.order, order)
            if order.status == records.RELEASED and step.record_append_ms + self._clocks_differ_ms < before.hold_ends_ms:
                self.findings.add("lost", step.where, f"order {order.id} was released "
                                  f"{before.hold_ends_ms - step.record_append_ms} ms before its buyer's time to pay ended")
            sale.move(order.user, before.order.status, -before.order.quantity)
        sale.move(order.user, order.status, order.quantity)
        history = (before.history if before else ()) + (step.transition(order.status),)
        self.state.orders[order.id] = OrderEntry(order, step.partition, step.offset, history)

    def _check_move(self, step, before, after):
        for name in ("sku", "sale_id", "user", "quantity", "amount_minor", "currency", "created_ms"):
            if getattr(before, name) != getattr(after, name):
                self.findings.add("other", step.where, f"order {after.id}: {name} was {getattr(before, name)!r} and is now "
                                  f"{getattr(after, name)!r}")
        legal = after.status in MOVES[before.status]
        if legal and before.status in (records.CANCELLED, records.RELEASED):
            legal = step.event == "paid" and step.change.paid.bought_again
        if not legal:
            of_money = records.PAID in (before.status, after.status)
            self.findings.add("money" if of_money else "other", step.where, f"order {after.id} went from "
                              f"{status_name(before.status)} to {status_name(after.status)}")

    def _apply_payment(self, step, payment):
        """I8: a payment ends when it comes, once; afterwards a refund may be asked for, and be settled."""
        key = (step.partition, payment.id)
        before = self.state.payment_entries.get(key)
        if (before is None) != (step.event in ("paid", "refund_due")):
            self.findings.add("money", step.where, f"payment {payment.id} ends a second time" if before else
                              f"payment {payment.id} is there without having been paid")
        if before is not None:
            for name in ("order", "amount_minor", "currency", "ticket"):
                if getattr(before.payment, name) != getattr(payment, name):
                    self.findings.add("money", step.where, f"payment {payment.id}: {name} was {getattr(before.payment, name)!r} "
                                      f"and is now {getattr(payment, name)!r}")
        created = before.created_ms if before else step.log_time
        self.state.payment_entries[key] = PaymentEntry(payment, step.offset, created, step.log_time)

    def _check_stock(self, step):
        where, change = step.where, step.change
        sale = self.state.current.get(change.sku)
        if sale is None:
            return
        sale.last_changed, sale.changed_ms = step.offset, step.log_time
        if -sale.available > sale.oversold_most:
            self.findings.add("oversold", where, f"{change.sku}: {sale.held} held and {sale.sold} sold of {sale.offered} offered "
                              f"({sale.withdrawn} withdrawn)", -sale.available - sale.oversold_most)
            sale.oversold_most = -sale.available
        counted = {"defined": sale.unopened + sale.offered, "unopened": sale.unopened, "available": sale.available,
                   "held": sale.held, "sold": sale.sold, "withdrawn": sale.withdrawn}
        for name in COUNTERS:
            difference = getattr(change.counters, name) - counted[name]
            # A difference stays in every later record: say it once, and again when it changes.
            if difference != self._reported_drift.get((change.sku, name), 0):
                self._reported_drift[change.sku, name] = difference
                self.findings.add("other", where, f"{change.sku}: the record counts {name}={getattr(change.counters, name)}, "
                                  f"the events add up to {counted[name]}")
