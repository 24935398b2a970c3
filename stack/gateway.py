"""A payment gateway: takes payments, tells sluice's webhook of each, signed, and tells it again until it is acknowledged.

Its journal is the other side's book: what the check of money (audit/) is held against.
"""

import hashlib
import heapq
import hmac
import http.client
import itertools
import json
import secrets
import threading
import time
from dataclasses import dataclass, field

WEBHOOK = "/v1/payments/webhook"
_COURIERS = 8
_ANSWER_SECONDS = 10
# Between two deliveries of which the first was not acknowledged: doubled each time, up to the second number.
_PAUSE_SECONDS, _PAUSE_SECONDS_MAX = 0.2, 5.0
# Of one payment that nobody acknowledges, before the gateway gives up: some two minutes.
_REFUSALS_MAX = 30


class Refused(Exception):
    """Says what is wrong with a request to pay."""


@dataclass
class Payment:
    payment_id: str
    order: str
    amount_minor: int
    currency: str
    times: int = 1  # how often it is to be acknowledged
    deliveries: int = 0  # begun
    acknowledged: int = 0  # answered 2xx
    refused_in_a_row: int = field(default=0, repr=False)

    def body(self):
        told = {name: getattr(self, name) for name in ("payment_id", "order", "amount_minor", "currency")}
        return json.dumps(told, separators=(",", ":")).encode()

    def pause_seconds(self):
        return min(_PAUSE_SECONDS * 2 ** (self.refused_in_a_row - 1), _PAUSE_SECONDS_MAX)


def signature(secret, now, body):
    """The value of the header Sluice-Signature: of the moment and the bytes, so that neither can be changed nor sent much later."""
    moment = str(int(now))
    return f"t={moment},v1={hmac.new(secret, moment.encode() + b'.' + body, hashlib.sha256).hexdigest()}"


class Journal:
    """One JSON line whenever a payment changes, with the whole of it: its last line counts. Handed to the kernel before the
    delivery that it speaks of, so that no payment is ever told of that the journal lacks."""

    def __init__(self, path):
        self._file = open(path, "a", encoding="utf-8")
        self._lock = threading.Lock()

    def write(self, payment):
        names = ("payment_id", "order", "amount_minor", "currency", "times", "deliveries", "acknowledged")
        line = json.dumps({"t": round(time.time() * 1000), **{name: getattr(payment, name) for name in names}})
        with self._lock:
            self._file.write(line + "\n")
            self._file.flush()


class Gateway:
    """`front`: host:port where the webhook is. Deliveries go on until the process ends; what waits then is lost, as the journal says."""

    def __init__(self, front, secret, journal):
        self._front, self._secret, self._journal = front, secret, journal
        self._numbers = itertools.count()
        self._due = []  # a heap of (when on the monotonic clock, number, payment)
        self._changed = threading.Condition()
        for _ in range(_COURIERS):
            threading.Thread(target=self._carry, daemon=True).start()

    def take(self, request):
        """Takes a payment as a page or a buyer asks for it, see _checked. Returns its id; it is delivered later."""
        asked = _checked(request)
        delay = asked.pop("delay_seconds")
        payment = Payment(payment_id=f"pay-{secrets.token_hex(12)}", **asked)
        self._journal.write(payment)
        self._put(payment, delay)
        return payment.payment_id

    def _put(self, payment, seconds):
        with self._changed:
            heapq.heappush(self._due, (time.monotonic() + seconds, next(self._numbers), payment))
            self._changed.notify()

    def _next(self):
        """Waits for a payment whose time has come."""
        with self._changed:
            while not self._due or self._due[0][0] > time.monotonic():
                self._changed.wait(self._due[0][0] - time.monotonic() if self._due else None)
            return heapq.heappop(self._due)[2]

    def _carry(self):
        connection = http.client.HTTPConnection(self._front, timeout=_ANSWER_SECONDS)
        while True:
            payment = self._next()
            payment.deliveries += 1
            self._journal.write(payment)
            if self._deliver(connection, payment):
                payment.acknowledged += 1
                payment.refused_in_a_row = 0
                self._journal.write(payment)
                if payment.acknowledged < payment.times:
                    self._put(payment, 0)
            else:
                payment.refused_in_a_row += 1
                if payment.refused_in_a_row < _REFUSALS_MAX:
                    self._put(payment, payment.pause_seconds())

    def _deliver(self, connection, payment):
        """Whether it was acknowledged. An error, and any other answer, may mean that it was taken or that it was not."""
        body = payment.body()
        headers = {"Content-Type": "application/json", "Sluice-Signature": signature(self._secret, time.time(), body)}
        try:
            connection.request("POST", WEBHOOK, body, headers)
            answer = connection.getresponse()
            answer.read()
            return 200 <= answer.status < 300
        except (OSError, http.client.HTTPException):
            connection.close()  # the next request opens it again
            return False


def wait_for_deliveries(journal, patience_seconds=60):
    """Until every payment of the gateway's journal was acknowledged as often as it is to be, or so many seconds have passed."""
    until = time.monotonic() + patience_seconds
    while _is_waiting(journal) and time.monotonic() < until:
        time.sleep(0.05)


def _is_waiting(journal):
    return any(entry["acknowledged"] < entry["times"] for entry in read_journal(journal).values())


def read_journal(path):
    """The last line about each payment, by its id."""
    with open(path, encoding="utf-8") as file:
        return {entry["payment_id"]: entry for entry in (json.loads(line) for line in file if line.endswith("\n"))}


def _checked(request):
    """The fields of a request: order, amount_minor, currency, times (1), delay_seconds (0)."""
    if not isinstance(request, dict):
        raise Refused("an object is wanted")
    fields = {"times": 1, "delay_seconds": 0} | request
    if unknown := fields.keys() - {"order", "amount_minor", "currency", "times", "delay_seconds"}:
        raise Refused(f"there is no {', '.join(sorted(unknown))}")
    for name in ("order", "currency"):
        if not isinstance(fields.get(name), str) or not 1 <= len(fields[name]) <= 64:
            raise Refused(f"{name} is a text of 1 to 64 characters")
    for name, lowest, highest in (("amount_minor", 1, 10**12), ("times", 1, 10)):
        if type(fields.get(name)) is not int or not lowest <= fields[name] <= highest:
            raise Refused(f"{name} is a whole number from {lowest} to {highest}")
    if type(fields["delay_seconds"]) not in (int, float) or not 0 <= fields["delay_seconds"] <= 3600:
        raise Refused("delay_seconds is a number from 0 to 3600")
    return fields
