"""A small sale on real servers and daemons, in a private stack; the ledger may be one with a planted mistake."""

import os
import subprocess
import sys
from contextlib import contextmanager

import pymysql
import redis
from confluent_kafka import Producer
from checking import TOP, run_check

from audit.findings import Findings
from audit.fold import Fold
from audit.log_copy import LogCopy
from audit.messages import letters
from audit.tickets import OFFSET_BITS

sys.path.insert(0, str(TOP / "stack"))

from crowd import Crowd  # noqa: E402 stack/ is no package: its programs are run by path
from daemons import binary, payments_journal  # noqa: E402
from demo_sale import LIMIT_PER_USER, define_sale  # noqa: E402
from gateway import wait_for_deliveries  # noqa: E402
from mariadb_server import DATABASE, USER  # noqa: E402
from refunds import settle_refunds  # noqa: E402, F401 for the tests
from stack import Stack  # noqa: E402

SKU = "mask-1"
STARTED = ["sluice-ingest", "sluice-sink", "sluice-reaper", "sluicectl", "sluice-buyers", "sluice-ledger"]


@contextmanager
def programs(mutant, folder):
    """The release build, with the ledger of a mutant instead of the true one if one is named."""
    if mutant is None:
        yield
        return
    folder.mkdir(parents=True, exist_ok=True)
    for name in STARTED:
        (folder / name).unlink(missing_ok=True)
        of_mutant = TOP / "build/release/bin/mutants" / mutant / name
        (folder / name).symlink_to(of_mutant if name == "sluice-ledger" else TOP / "build/release/bin" / name)
    before = os.environ.get("SLUICE_BIN")
    os.environ["SLUICE_BIN"] = str(folder)
    try:
        yield
    finally:
        os.environ.pop("SLUICE_BIN")
        if before is not None:
            os.environ["SLUICE_BIN"] = before


@contextmanager
def real_sale(folder, stock, mutant=None, **terms):
    """`terms`: of the sale, see define_sale."""
    with programs(mutant, folder / "bin"):
        stack = Stack(folder / "stack")
        try:
            stack.up(fresh=True, private=True)
            yield RealSale(folder, stack, define_sale(stack, [SKU], stock, **terms))
        finally:
            stack.down()


class RealSale:
    def __init__(self, folder, stack, sale):
        self.folder, self.stack, self.sale = folder, stack, sale
        self.journal, self.logs = stack.folder.run("journal.jsonl"), folder / "logs"

    def come(self, door, buyers, **words):
        """The same buyers with the same keys each time, through this door (the name of a port). `words`: more of sluice-buyers' options."""
        words = {name.replace("_", "-"): value for name, value in words.items()}
        words = {"buyers": buyers, "skus": SKU, "limit-per-user": LIMIT_PER_USER, "seconds": 0.3, "opens-at": self.sale.opens_at} | words
        assert Crowd(self.stack, words, door=door).wait(120) == 0
        wait_for_deliveries(payments_journal(self.stack.folder))

    def check(self, *more):
        ports, folder = self.stack.ports, self.stack.folder
        return run_check("--kafka", ports.address("kafka"), "--redis", ports.address("redis"), "--redis-password-file",
                         folder.secret("redis_password"), "--mysql", ports.address("mariadb"), "--mysql-user", USER,
                         "--mysql-password-file", folder.secret("mysql_password"), "--journal", self.journal, "--payments",
                         payments_journal(folder), *more)

    def write_dead_letter(self, order):
        """As the sink would have, had MySQL refused the order as it stands in the log now."""
        fold = Fold(LogCopy.load(self.logs), 1, Findings()).read()
        entry = fold.state.orders[order]
        letter = letters.DeadLetter(version=1 << OFFSET_BITS | entry.version, order=entry.order, store="mysql")
        producer = Producer({"bootstrap.servers": self.stack.ports.address("kafka")})
        producer.produce("dead-letters", letter.SerializeToString())
        assert producer.flush(10) == 0

    def redis(self):
        password = self.stack.folder.secret("redis_password").read_text()
        return redis.Redis("127.0.0.1", self.stack.ports["redis"], password=password, decode_responses=True)

    def mysql(self):
        password = self.stack.folder.secret("mysql_password").read_text()
        return pymysql.connect(host="127.0.0.1", port=self.stack.ports["mariadb"], user=USER, password=password, database=DATABASE,
                               autocommit=True, cursorclass=pymysql.cursors.DictCursor)
