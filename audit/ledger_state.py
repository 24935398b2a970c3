"""What the events of `orders` add up to: orders, payments, sales and request keys.

Numbers come from SaleDefined, SlotOpened, StockAdjusted and the orders themselves, never from the counters in the records.
"""

from collections import Counter
from dataclasses import dataclass, field

from audit.messages import records

HELD, PAID = records.HELD, records.PAID
# Later repetitions are answered with the order's id, but their tickets do not stand for it.
ALIASES_PER_ORDER_MAX = 16


@dataclass
class Sale:
    """One sale of one SKU: its stock and who has how much of it."""

    definition: object  # DefineSale, as it holds now
    partition: int
    defined_ms: int = 0  # log time of that definition
    opened: dict = field(default_factory=dict)  # slot index -> units
    adjusted: int = 0  # units added by AdjustStock
    withdrawn: int = 0
    held: int = 0
    sold: int = 0
    units_of_user: dict = field(default_factory=dict)
    oversold_most: int = 0  # the worst prefix so far
    last_changed: int = 0  # offset of the intent
    changed_ms: int = 0  # its log time

    @property
    def offered(self):
        return sum(self.opened.values()) + self.adjusted

    @property
    def available(self):
        return self.offered - self.held - self.sold - self.withdrawn

    @property
    def unopened(self):
        slots = enumerate(self.definition.slots)
        return sum(slot.quantity for index, slot in slots if index not in self.opened)

    def slots_due(self, log_time):
        """Slots that should be open at this log time and are not."""
        slots = enumerate(self.definition.slots)
        return [index for index, slot in slots if slot.opens_ms <= log_time and index not in self.opened]

    def slot_at(self, log_time):
        """Index of the slot in whose time it is, or -1."""
        slots = enumerate(self.definition.slots)
        return next((index for index, slot in slots if slot.opens_ms <= log_time < slot.closes_ms), -1)

    def runs_at(self, log_time):
        return self.slot_at(log_time) >= 0

    def move(self, user, status, units):
        """`units` more (or less, if negative) of this user's stand at `status`."""
        if status == HELD:
            self.held += units
        elif status == PAID:
            self.sold += units
        else:
            return
        self.units_of_user[user] = self.units_of_user.get(user, 0) + units


@dataclass(frozen=True)
class KeyUse:
    """The first ruling on one (user, SKU, key)."""

    ticket: int
    offset: int
    log_time: int
    quantity: int
    outcome: int
    reason: int


@dataclass(frozen=True)
class AdminUse:
    """The first ruling on an administrator's request key."""

    ticket: int
    content: tuple
    reason: int


@dataclass(frozen=True)
class Transition:
    """One step of an order's history."""

    status: int
    event: str  # as MySQL's order_history calls it
    version: int  # offset of the intent
    log_time: int
    record_append_ms: int
    reason: str = ""


@dataclass(frozen=True)
class OrderEntry:
    order: object  # records.Order, whole, as it stands now
    partition: int
    version: int  # offset of the intent that last changed it
    history: tuple = ()  # of Transition

    @property
    def was(self):
        """Every status that it ever had."""
        return {step.status for step in self.history}

    @property
    def hold_ends_ms(self):
        """The buyer's time to pay: from when the reservation became readable."""
        return self.history[0].record_append_ms + 1000 * self.order.hold_seconds


@dataclass(frozen=True)
class PaymentEntry:
    payment: object  # records.Payment, whole, as it stands now
    version: int  # offset of the intent that last changed it
    created_ms: int  # log times
    changed_ms: int


class LedgerState:
    def __init__(self):
        self.sales = {}  # (sku, sale id) -> Sale, in the order of their definition
        self.current = {}  # sku -> Sale
        self.frozen = set()
        self.orders = {}  # ticket -> OrderEntry
        self.orders_of_key = {}  # (user, sku, request key) -> tickets of orders made under it
        self.first_use = {}  # (user, sku, request key) -> KeyUse
        self.aliases = {}  # ticket of a purchase that repeated an accepted one -> that one's ticket
        self.aliases_of = Counter()  # ticket of an order -> how many
        self.admin_uses = {}  # (partition, request key) -> AdminUse
        self.payment_entries = {}  # (partition, payment id) -> PaymentEntry

    def payment(self, partition, payment_id):
        """As it stands now, or None."""
        entry = self.payment_entries.get((partition, payment_id))
        return None if entry is None else entry.payment

    def order_of(self, ticket):
        """The order with this ticket, or the one that it is an alias of; None: there is none."""
        entry = self.orders.get(self.aliases.get(ticket, ticket))
        return None if entry is None else entry.order

    def add_alias(self, duplicate, order):
        if self.aliases_of[order] < ALIASES_PER_ORDER_MAX:
            self.aliases_of[order] += 1
            self.aliases[duplicate] = order

    def use_admin_key(self, ticket, request_key, content, reason):
        self.admin_uses[ticket.partition, request_key] = AdminUse(ticket.value, content, reason)

    def sale_of(self, order):
        return self.sales.get((order.sku, order.sale_id))

    def define(self, definition, partition, log_time):
        """Amends the SKU's sale, or replaces one that is over: its keys and its freeze end with it."""
        key = (definition.sku, definition.sale_id)
        if key in self.sales:
            self.sales[key].definition, self.sales[key].defined_ms = definition, log_time
            return
        self.sales[key] = self.current[definition.sku] = Sale(definition, partition, log_time)
        self.frozen.discard(definition.sku)
        self.first_use = {used: first for used, first in self.first_use.items()
                          if used[1] != definition.sku or first.outcome != records.ACCEPTED}
