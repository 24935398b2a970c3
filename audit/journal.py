"""The buyers' journal: what each asked and what each was told (stack/buyers/README.md has the format)."""

import json
from dataclasses import dataclass, field

from audit.tickets import ticket_of_public_id


@dataclass(frozen=True)
class Said:
    """One answer to a buyer."""

    http: int
    body: dict
    asked_id: str  # the public id that was read; of a POST: empty

    @property
    def ticket(self):
        """What it is about, or None."""
        return _ticket(self.body.get("ticket") or self.asked_id)

    @property
    def asked_ticket(self):
        """Of a read; None for the answer to a POST."""
        return _ticket(self.asked_id)

    @property
    def order(self):
        return _ticket(self.body.get("order"))

    @property
    def status(self):
        return self.body.get("status", "")

    @property
    def reason(self):
        return self.body.get("reason", "")


@dataclass
class Cancelled:
    """A cancellation that was sent, and its answer if there was one."""

    order: str  # public id
    http: int = 0
    body: dict = field(default_factory=dict)

    @property
    def ticket(self):
        return _ticket(self.order)


@dataclass
class Request:
    """One click: a purchase under one key, and every time it was sent."""

    number: int
    buyer: str
    sku: str
    key: str
    quantity: int
    kind: str
    attempts: int = 0
    said: list = field(default_factory=list)
    cancels: list = field(default_factory=list)  # Cancelled, one for each time it was sent
    gave_up: bool = False
    _reading: str = ""  # the public id of the last read

    @property
    def identity(self):
        return (self.buyer, self.sku, self.key)


def _ticket(public_id):
    if not public_id:
        return None
    try:
        return ticket_of_public_id(public_id)
    except ValueError:
        return None


def read_journal(path):
    """Requests by number, and the lines that could not be read. A last line without its end does not count: the buyers may have
    been killed."""
    requests, bad_lines = {}, []
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if not line.endswith("\n"):
                break
            try:
                _take(requests, json.loads(line))
            except (ValueError, KeyError, TypeError) as error:
                bad_lines.append(f"line {number}: {error!r}")
    return requests, bad_lines


def _take(requests, entry):
    number, event = entry["request"], entry["event"]
    if event == "ask":
        request = requests.get(number)
        if request is None:
            request = requests[number] = Request(number, entry["buyer"], entry["sku"], entry["key"], entry["quantity"],
                                                 entry["kind"])
        request.attempts += 1
        return
    request = requests[number]
    if event == "read":
        request._reading = entry["ticket"]
    elif event in ("answer", "told"):
        body = entry.get("body")
        asked_id = request._reading if event == "told" else ""
        request.said.append(Said(entry["http"], body if isinstance(body, dict) else {}, asked_id))
    elif event == "cancel":
        request.cancels.append(Cancelled(entry["order"]))
    elif event == "cancel_answer":
        body = entry.get("body")
        request.cancels[-1].http, request.cancels[-1].body = entry["http"], body if isinstance(body, dict) else {}
    elif event == "gave_up":
        request.gave_up = True
    elif event not in ("unknown", "pay", "pay_answer"):  # of payments, the gateway's book says more
        raise ValueError(f"no event is called {event!r}")
