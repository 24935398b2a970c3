#!/usr/bin/python3
"""A sale on real servers: a crowd through nginx, a ledger and an ingest killed in the rush, and a proof at the end.

The last line on standard output is the verdict of the independent check (audit/). Exit code 0 only if it found nothing wrong and every
buyer came to a known end.
"""

import argparse
import datetime
import json
import os
import random
import re
import subprocess
import sys
import threading
import time

import yaml

from daemons import INGESTS, LEDGERS, SINKS, binary, payments_journal, sluicectl
from demo_screen import Screen, print_table
from folder import MARK, TREE
from health import wait_until_healthy
from mariadb_server import USER
from problem import Problem, exit_code_of
from rush import Rush
from stack import Stack
from tokens import TokenIssuer, read_secret, write_tokens

_OPENS_IN_SECONDS = 4
_RUSH_SECONDS = 2
_LIMIT_PER_USER = 2
_UNDECIDED = 1000
_CONNECTIONS = 512


def define_sale(stack, skus, stock):
    """Returns when it opens, in Unix milliseconds, and the partition of the first SKU."""
    opens = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=_OPENS_IN_SECONDS)
    opens = opens.replace(microsecond=opens.microsecond // 1000 * 1000)
    closes = opens + datetime.timedelta(hours=1)
    slot = {"opens": _rfc3339(opens), "closes": _rfc3339(closes), "quantity": stock}
    price = {"price_minor": 1900, "currency": "EUR", "limit_per_user": _LIMIT_PER_USER, "hold_seconds": 1200}
    sales = [{"sku": sku, "sale_id": "demo", "title": "A box of masks", **price, "slots": [dict(slot)]} for sku in skus]
    file = stack.folder.run("sale.yaml")
    file.write_text(yaml.safe_dump_all(sales, sort_keys=False))
    said = sluicectl(["sale", "apply", str(file), "--brokers", stack.ports.address("kafka")], "the sale is not defined")
    return round(opens.timestamp() * 1000), int(re.search(r"partition (\d+)", said)[1])


def _rfc3339(moment):
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Crowd:
    """sluice-buyers, with what it says on the way."""

    def __init__(self, stack, options, skus, opens_at, show):
        self.tally = None
        self._show = show
        self.journal = stack.folder.run("journal.jsonl")
        tokens = stack.folder.run("tokens")
        write_tokens(TokenIssuer(read_secret(stack.folder.secret("jwt_hs256"))), options.buyers, tokens)
        words = {"front": f"http://{stack.ports.address('front')}", "tokens": tokens, "buyers": options.buyers, "seconds": _RUSH_SECONDS}
        words |= {"skus": ",".join(skus), "limit-per-user": _LIMIT_PER_USER, "seed": options.seed, "opens-at": opens_at}
        words |= {"connections": min(_CONNECTIONS, options.buyers), "journal": self.journal}
        self._errors = open(stack.folder.log("buyers"), "w")
        self._process = subprocess.Popen(
            [binary("sluice-buyers"), *(part for name, value in words.items() for part in (f"--{name}", str(value)))],
            env={**os.environ, MARK: str(stack.folder.path)},
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def alive(self):
        return self._process.poll() is None

    def wait(self, patience_seconds):
        """Its exit code."""
        try:
            code = self._process.wait(patience_seconds)
        except subprocess.TimeoutExpired:
            raise Problem(f"the buyers are not done after {patience_seconds} s") from None
        self._reader.join()
        if self.tally is None or not self.tally["final"]:
            raise Problem(f"sluice-buyers ended with code {code} and without a last tally: see {self._errors.name}")
        return code

    def _read(self):
        for line in self._process.stdout:
            self.tally = json.loads(line)
            self._show(self.tally)


def check(stack, journal):
    """Runs the audit. Returns its exit code, its findings, its summary and its verdict."""
    summary = stack.folder.run("audit.json")
    folder, ports = stack.folder, stack.ports
    stores = ["--redis", ports.address("redis"), "--redis-password-file", folder.secret("redis_password")]
    stores += ["--mysql", ports.address("mariadb"), "--mysql-user", USER, "--mysql-password-file", folder.secret("mysql_password")]
    command = [sys.executable, "-m", "audit", "--kafka", ports.address("kafka"), *stores, "--journal", journal, "--payments", payments_journal(folder), "--json", summary]
    done = subprocess.run([str(word) for word in command], cwd=TREE, capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines()
    if not lines or not lines[-1].startswith("verdict: "):
        raise Problem(f"the check could not be made: {done.stderr.strip()}")
    return done.returncode, lines[:-1], json.loads(summary.read_text()), lines[-1]


def restarts(stack):
    """How often the supervisor started each daemon again."""
    spawned = re.findall(r"spawned: '([^']+)'", stack.folder.log("supervisord").read_text())
    return {name: spawned.count(name) - 1 for name in INGESTS + LEDGERS + SINKS if spawned.count(name) > 1}


def run_sale(stack, options, screen):
    """Returns the crowd and the damage when everything is quiet again."""
    skus = [f"mask-{number}" for number in range(1, options.skus + 1)]
    opens_at, partition = define_sale(stack, skus, options.stock)
    screen.say(f"{options.stock:,} of each of {', '.join(skus)}: the sale opens in {opens_at / 1000 - time.time():.1f} s")
    crowd = Crowd(stack, options, skus, opens_at, screen.show)
    ingest = random.Random(options.seed).randrange(len(INGESTS))
    rush = Rush(stack, partition, min(_UNDECIDED, options.buyers // 5), ingest, screen.say)
    rush.run(crowd.alive)
    code = crowd.wait(patience_seconds=120)
    screen.say(f"all {options.buyers:,} buyers are done" if code == 0 else f"{crowd.tally['gave_up']:,} requests were given up")
    wait_until_healthy(stack.programs(LEDGERS + INGESTS), stack.supervision.failing, stack.folder)
    return crowd, code, rush.damage


def run_demo(options):
    stack = Stack(TREE / ".stack/demo")
    beside_another = Stack(TREE / ".stack").running()
    with Screen() as screen:
        try:
            screen.say("starting Kafka, Redis, MariaDB, nginx, two ingests, two ledgers and a sink")
            stack.up(fresh=True, private=beside_another)
            screen.say(f"they run; the front is http://{stack.ports.address('front')}, logs are in {stack.folder.path / 'log'}")
            crowd, buyers_code, damage = run_sale(stack, options, screen)
            screen.say("the independent check reads both topics, Redis, MariaDB and the buyers' journal")
            audit_code, findings, summary, verdict = check(stack, crowd.journal)
            counted = restarts(stack)
        finally:
            if not options.keep:
                stack.down()
    print_table(crowd.tally, summary, damage, counted)
    for line in findings:
        print(line)
    print(verdict)
    return 1 if audit_code or buyers_code else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--buyers", type=_positive, default=5000, help="different users, who come within 2 s (default 5000)")
    parser.add_argument("--stock", type=_positive, default=200, help="units of each SKU (default 200)")
    parser.add_argument("--skus", type=_positive, default=1, help="how many SKUs (default 1)")
    parser.add_argument("--seed", type=int, default=1, help="of who buys what when and how (default 1)")
    parser.add_argument("--keep", action="store_true", help="leave everything running: `stack/stack.py --dir .stack/demo down` ends it")
    return run_demo(parser.parse_args())


def _positive(text):
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not positive")
    return number


if __name__ == "__main__":
    raise SystemExit(exit_code_of(main))
