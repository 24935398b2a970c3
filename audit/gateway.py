"""The payment gateway's book: what was paid, and what it was acknowledged (stack/README.md has the format)."""

import json
from dataclasses import dataclass

from audit.tickets import ticket_of_public_id


@dataclass(frozen=True)
class Paid:
    """One payment as the gateway knows it."""

    payment_id: str
    order: str  # the public id that the payer gave, whatever it was
    amount_minor: int
    currency: str
    deliveries: int  # begun
    acknowledged: int

    @property
    def ticket(self):
        """That the order's text holds, or None."""
        try:
            return ticket_of_public_id(self.order)
        except ValueError:
            return None


def read_gateway_journal(path):
    """Payments by id, and the lines that could not be read. Of the lines of a payment the last counts; one without its end does
    not: the gateway may have been killed."""
    payments, bad_lines = {}, []
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if not line.endswith("\n"):
                break
            try:
                entry = json.loads(line)
                payments[entry["payment_id"]] = Paid(**{name: entry[name] for name in Paid.__dataclass_fields__})
            except (ValueError, KeyError, TypeError) as error:
                bad_lines.append(f"line {number}: {error!r}")
    return payments, bad_lines
