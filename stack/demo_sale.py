"""The demo's sale: two slots on every SKU, a short time to pay at first, and an operator who gives the last buyers longer."""

import datetime
import re
from dataclasses import dataclass

import yaml

from daemons import sluicectl

LIMIT_PER_USER = 2
_OPENS_IN_SECONDS = 4
_PRICE = {"price_minor": 1900, "currency": "EUR", "limit_per_user": LIMIT_PER_USER, "late_payment": "rebuy_or_refund"}
# As a real sale has it. Who gets an order after the amendment keeps it until after the check.
LONG_HOLD_SECONDS = 1200


@dataclass
class Sale:
    """Times in Unix milliseconds."""

    stack: object
    skus: list
    opens_at: int
    slots: list  # of each SKU
    partition: int = -1  # of the first SKU

    def apply(self, version, hold_seconds):
        """Defines the sale of every SKU, or amends it."""
        sales = [
            {"sku": sku, "sale_id": "demo", "version": version, "title": "A box of masks", **_PRICE, "hold_seconds": hold_seconds, "slots": self.slots}
            for sku in self.skus
        ]
        file = self.stack.folder.run("sale.yaml")
        file.write_text(yaml.dump_all(sales, Dumper=_Plain, sort_keys=False))
        said = sluicectl(["sale", "apply", str(file), "--brokers", self.stack.ports.address("kafka")], "the sale is not defined")
        self.partition = int(re.search(r"partition (\d+)", said)[1])


def define_sale(stack, skus, stock, hold_seconds=LONG_HOLD_SECONDS, second_slot_after=None):
    """`stock`: units of each SKU, half of which come with a second slot so many seconds after the first, if there is to be one."""
    opens = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=_OPENS_IN_SECONDS)
    opens = opens.replace(microsecond=opens.microsecond // 1000 * 1000)
    closes = opens + datetime.timedelta(hours=1)
    if second_slot_after is None:
        slots = [_slot(opens, closes, stock)]
    else:
        second = opens + datetime.timedelta(seconds=second_slot_after)
        slots = [_slot(opens, second, stock - stock // 2), _slot(second, closes, stock // 2)]
    sale = Sale(stack, skus, round(opens.timestamp() * 1000), slots)
    sale.apply(1, hold_seconds)
    return sale


def _slot(opens, closes, quantity):
    return {"opens": _rfc3339(opens), "closes": _rfc3339(closes), "quantity": quantity}


def _rfc3339(moment):
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class _Plain(yaml.SafeDumper):
    """Without anchors: the slots are the same for all SKUs."""

    def ignore_aliases(self, _data):
        return True
