"""A field of races: buyers who pay or cancel just when their time to pay ends, on a whole private stack."""

import datetime
import heapq
import http.client
import itertools
import json
import random
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field

import pymysql
import yaml
from checking import run_check
from daemons import sluicectl
from gateway import Gateway, Journal, wait_for_deliveries
from mariadb_server import DATABASE, USER
from stack import Stack
from tokens import TokenIssuer, read_secret

PRICE, CURRENCY = 1900, "EUR"
HOLD_SECONDS = 5
# One SKU gives late money back, the other lets it buy again what is there: and there it is scarce.
SKUS = {"mask-refund": "refund", "mask-rebuy": "rebuy_or_refund"}
_THREADS = 48  # more than ever wait for an answer, so that everybody comes in time
_ANSWER_SECONDS = 20
_PATIENCE_SECONDS = 60


@dataclass
class Race:
    user: str
    sku: str
    token: str
    order: str = ""
    pay_by: float = 0.0  # Unix seconds
    payments: int = 0
    answers: list = field(default_factory=list)  # statuses that cancels got


class Clockwork:
    """Does things when their time has come, on a few threads, each with a connection of its own."""

    def __init__(self, address, threads):
        self._address = address
        self._due, self._numbers = [], itertools.count()
        self._changed = threading.Condition()
        self._doing, self.troubles = 0, []
        for _ in range(threads):
            threading.Thread(target=self._work, daemon=True).start()

    def at(self, when, act):
        """`act(connection)`, at this Unix time."""
        with self._changed:
            heapq.heappush(self._due, (when, next(self._numbers), act))
            self._changed.notify()

    def finish(self):
        """Waits until everything is done."""
        until = time.monotonic() + _PATIENCE_SECONDS
        with self._changed:
            while self._due or self._doing:
                assert self._changed.wait(until - time.monotonic()), "the races do not end"

    def _next(self):
        with self._changed:
            while not self._due or self._due[0][0] > time.time():
                self._changed.wait(self._due[0][0] - time.time() if self._due else None)
            self._doing += 1
            return heapq.heappop(self._due)[2]

    def _work(self):
        connection = http.client.HTTPConnection(self._address, timeout=_ANSWER_SECONDS)
        while True:
            act = self._next()
            try:
                act(connection)
            except Exception as trouble:  # told by the test
                self.troubles.append(repr(trouble))
                connection.close()
            with self._changed:
                self._doing -= 1
                self._changed.notify_all()


class Field:
    def __init__(self, stack, folder, seed):
        self._stack, self._folder = stack, folder
        self._dice = random.Random(seed)
        self._journal = folder / "payments.jsonl"
        front = stack.ports.address("front")
        self._gateway = Gateway(front, read_secret(stack.folder.secret("webhook_hmac")), Journal(self._journal))
        self._clockwork = Clockwork(front, _THREADS)
        self._issuer = TokenIssuer(read_secret(stack.folder.secret("jwt_hs256")))
        self.races = []

    def define_sales(self, stock):
        """`stock`: units of each SKU by its name."""
        now = datetime.datetime.now(datetime.timezone.utc)
        slot = {"opens": now.isoformat(), "closes": (now + datetime.timedelta(hours=1)).isoformat()}
        terms = {"sale_id": "races", "title": "Masks", "price_minor": PRICE, "currency": CURRENCY, "limit_per_user": 1}
        sales = [
            {"sku": sku, **terms, "hold_seconds": HOLD_SECONDS, "late_payment": late, "slots": [slot | {"quantity": stock[sku]}]}
            for sku, late in SKUS.items()
        ]
        file = self._folder / "sales.yaml"
        file.write_text(yaml.safe_dump_all(sales))
        sluicectl(["sale", "apply", str(file), "--brokers", self._stack.ports.address("kafka")], "the sales are not defined")

    def run(self, races, seconds):
        """So many buyers come within so many seconds; each who gets an order races when its time ends."""
        begins = time.time() + 0.2
        skus = list(SKUS)
        for number in range(races):
            user = f"racer-{number}"
            race = Race(user, skus[number % len(skus)], self._issuer.token(user))
            self.races.append(race)
            self._clockwork.at(begins + seconds * number / races, lambda connection, race=race: self._buy(connection, race))
        self._clockwork.finish()
        wait_for_deliveries(self._journal)

    def _buy(self, connection, race):
        headers = {"Idempotency-Key": "k", "Content-Type": "application/json", "Prefer": "wait=15"}
        status, answer = _ask(connection, race, "POST", "/v1/orders", headers, {"sku": race.sku, "quantity": 1})
        assert status == 200, (status, answer)
        if answer["status"] != "held":
            assert answer["reason"] == "sold_out", answer
            return
        race.order = answer["order"]
        race.pay_by = datetime.datetime.fromisoformat(answer["pay_by"].replace("Z", "+00:00")).timestamp()
        self._line_up(race)

    def _line_up(self, race):
        """Who takes part besides the release. All come within the time that a release takes, and a little before."""
        dice = self._dice.random()
        payments = 1 if dice < 0.75 else 2 if dice < 0.85 else 0
        cancels = 1 if dice > 0.5 else 0
        for _ in range(payments):
            delay = max(0, self._moment(race) - time.time())
            times = self._dice.choice((1, 1, 2))
            self._gateway.take({"order": race.order, "amount_minor": PRICE, "currency": CURRENCY, "times": times, "delay_seconds": delay})
        race.payments = payments
        for _ in range(cancels):
            self._clockwork.at(self._moment(race), lambda connection: self._cancel(connection, race))

    def _moment(self, race):
        return race.pay_by + self._dice.uniform(-0.2, 0.2)

    def _cancel(self, connection, race):
        status, _ = _ask(connection, race, "POST", f"/v1/orders/{race.order}/cancel", {"Prefer": "wait=15"})
        race.answers.append(status)

    def troubles(self):
        return self._clockwork.troubles

    def wait_until_nothing_is_held(self):
        until = time.monotonic() + _PATIENCE_SECONDS
        while self.rows("SELECT COUNT(*) AS held FROM orders WHERE status = 'held'")[0]["held"]:
            assert time.monotonic() < until, "orders are still held"
            time.sleep(0.1)

    def statuses_as_told(self):
        """What the buyers read, by order."""
        told = {}

        def read(connection, race):
            status, answer = _ask(connection, race, "GET", f"/v1/orders/{race.order}")
            assert status == 200, (status, answer)
            told[race.order] = answer["status"]

        for race in self.runners():
            self._clockwork.at(0, lambda connection, race=race: read(connection, race))
        self._clockwork.finish()
        return told

    def runners(self):
        return [race for race in self.races if race.order]

    def rows(self, query):
        password = self._stack.folder.secret("mysql_password").read_text()
        with pymysql.connect(host="127.0.0.1", port=self._stack.ports["mariadb"], user=USER, password=password, database=DATABASE,
                             autocommit=True, cursorclass=pymysql.cursors.DictCursor) as connection:
            with connection.cursor() as cursor:
                cursor.execute(query)
                return cursor.fetchall()

    def check(self):
        """The independent check: ledger log, Redis, MySQL and the gateway's journal."""
        ports, folder = self._stack.ports, self._stack.folder
        return run_check("--kafka", ports.address("kafka"), "--redis", ports.address("redis"), "--redis-password-file",
                         folder.secret("redis_password"), "--mysql", ports.address("mariadb"), "--mysql-user", USER,
                         "--mysql-password-file", folder.secret("mysql_password"), "--payments", self._journal)


@contextmanager
def races_on_real_servers(folder, seed):
    stack = Stack(folder / "stack")
    try:
        stack.up(fresh=True, private=True)
        yield Field(stack, folder, seed)
    finally:
        stack.down()


def _ask(connection, race, method, path, headers=None, body=None):
    headers = {"Authorization": f"Bearer {race.token}"} | (headers or {})
    connection.request(method, path, json.dumps(body) if body is not None else None, headers)
    response = connection.getresponse()
    return response.status, json.loads(response.read() or b"null")
