"""What the events of `orders` add up to: orders, sales and request keys.

Numbers come from SaleDefined, SlotOpened, StockAdjusted and the orders themselves, never from the counters in the records.
"""

from dataclasses import dataclass, field

from audit.messages import records

HELD, PAID = records.HELD, records.PAID


@dataclass
class Sale:
    """One sale of one SKU: its stock and who has how much of it."""

    definition: object  # DefineSale, as it holds now
    partition: int
    opened: dict = field(default_factory=dict)  # slot index -> units
    adjusted: int = 0  # units added by AdjustStock
    withdrawn: int = 0
    held: int = 0
    sold: int = 0
    units_of_user: dict = field(default_factory=dict)
    oversold_most: int = 0  # the worst prefix so far
    last_changed: int = 0  # offset of the intent

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

    def runs_at(self, log_time):
        return any(slot.opens_ms <= log_time < slot.closes_ms for slot in self.definition.slots)

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
class OrderEntry:
    order: object  # records.Order, whole, as it stands now
    partition: int
    version: int  # offset of the intent that last changed it


class LedgerState:
    def __init__(self):
        self.sales = {}  # (sku, sale id) -> Sale, in the order of their definition
        self.current = {}  # sku -> Sale
        self.frozen = set()
        self.orders = {}  # ticket -> OrderEntry
        self.orders_of_key = {}  # (user, sku, request key) -> tickets of orders made under it
        self.first_use = {}  # (user, sku, request key) -> KeyUse
        self.payments = {}  # payment id -> records.Payment

    def sale_of(self, order):
        return self.sales.get((order.sku, order.sale_id))

    def define(self, definition, partition):
        """Amends the SKU's sale, or replaces one that is over: its keys and its freeze end with it."""
        key = (definition.sku, definition.sale_id)
        if key in self.sales:
            self.sales[key].definition = definition
            return
        self.sales[key] = self.current[definition.sku] = Sale(definition, partition)
        self.frozen.discard(definition.sku)
        self.first_use = {used: first for used, first in self.first_use.items()
                          if used[1] != definition.sku or first.outcome != records.ACCEPTED}
