#!/usr/bin/python3
"""A sale on real servers: a crowd through nginx, a ledger and an ingest killed in the rush, and a proof at the end.

Half of the stock comes with a first slot, for which all buyers come within two seconds; half with a second one, which opens when nobody asks.
Who gets an order pays it, in time or late, once, twice or wrongly, cancels it or walks away. What is not paid in time comes back and is sold
again to those who got nothing, half of whom come back too.

The last line on standard output is the verdict of the independent check (audit/). Exit code 0 only if it found nothing wrong, every buyer came
to a known end, and stock came back and slots opened as soon as is promised.
"""

import argparse
import json
import random
import re
import subprocess
import sys
import time

from crowd import Crowd
from daemons import INGESTS, LEDGERS, REAPERS, SINKS, payments_journal
from demo_sale import LIMIT_PER_USER, LONG_HOLD_SECONDS, define_sale
from demo_screen import Screen, print_table
from folder import TREE
from gateway import wait_for_deliveries
from health import wait_until_healthy
from mariadb_server import USER
from problem import Problem, exit_code_of
from refunds import settle_refunds
from rush import Rush
from stack import Stack

# In seconds from the opening. The dead ledger's work is taken over, and it is back, before the first hold ends; the second slot opens
# when the rush is over and nobody asks for anything; the others come back from then on until the stock that was not paid is there.
_RUSH_SECONDS = 2
_HOLD_SECONDS = 12
_AMENDMENT, _SECOND_SLOT = 13, 14
_RETURN, _RETURN_SECONDS = 15.5, 8
_UNDECIDED = 1000
# What is promised: see README.md.
_RELEASE_MS_MAX, _SLOT_MS_MAX = 2000, 1000


def check(stack, journal):
    """Runs the audit. Returns its exit code, its findings, its summary and its verdict."""
    summary = stack.folder.run("audit.json")
    folder, ports = stack.folder, stack.ports
    stores = ["--redis", ports.address("redis"), "--redis-password-file", folder.secret("redis_password")]
    stores += ["--mysql", ports.address("mariadb"), "--mysql-user", USER, "--mysql-password-file", folder.secret("mysql_password")]
    told = ["--journal", journal, "--payments", payments_journal(folder)]
    command = [sys.executable, "-m", "audit", "--kafka", ports.address("kafka"), *stores, *told, "--json", summary]
    done = subprocess.run([str(word) for word in command], cwd=TREE, capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines()
    if not lines or not lines[-1].startswith("verdict: "):
        raise Problem(f"the check could not be made: {done.stderr.strip()}")
    return done.returncode, lines[:-1], json.loads(summary.read_text()), lines[-1]


def broken_promises(summary):
    """Sentences, of what came too late."""
    released, opened = summary["release_delay_ms"]["p99"] or 0, summary["slot_delay_ms"]["max"] or 0
    if released > _RELEASE_MS_MAX:
        yield f"too late: units came back {released:,} ms after the end of a hold (p99), promised are {_RELEASE_MS_MAX:,} ms"
    if opened > _SLOT_MS_MAX:
        yield f"too late: a slot opened {opened:,} ms after its time, promised are {_SLOT_MS_MAX:,} ms"


def restarts(stack):
    """How often the supervisor started each daemon again."""
    spawned = re.findall(r"spawned: '([^']+)'", stack.folder.log("supervisord").read_text())
    return {name: spawned.count(name) - 1 for name in INGESTS + LEDGERS + SINKS + REAPERS if spawned.count(name) > 1}


def run_sale(stack, options, screen):
    """Returns the crowd and the damage when everything is quiet again."""
    skus = [f"mask-{number}" for number in range(1, options.skus + 1)]
    sale = define_sale(stack, skus, options.stock, _HOLD_SECONDS, _SECOND_SLOT)
    opens = sale.opens_at / 1000
    screen.say(f"{options.stock:,} of each of {', '.join(skus)}, in two slots: the first opens in {opens - time.time():.1f} s")
    words = {"buyers": options.buyers, "seconds": _RUSH_SECONDS, "skus": ",".join(skus), "limit-per-user": LIMIT_PER_USER}
    words |= {"seed": options.seed, "opens-at": sale.opens_at, "go-on": True, "return-at": _RETURN, "return-seconds": _RETURN_SECONDS}
    crowd = Crowd(stack, words, screen.show)
    ingest = random.Random(options.seed).randrange(len(INGESTS))
    rush = Rush(stack, skus, sale.partition, min(_UNDECIDED, options.buyers // 5), ingest, screen.say)
    rush.run(crowd.alive)
    # Before the second slot, since a definition opens what is due: that one is to open with nobody asking.
    time.sleep(max(0, opens + _AMENDMENT - time.time()))
    sale.apply(2, LONG_HOLD_SECONDS)
    screen.say(f"who buys from now on has {LONG_HOLD_SECONDS // 60} minutes to pay instead of {_HOLD_SECONDS} s; soon the second slot opens")
    code = crowd.wait(patience_seconds=180)
    screen.say(f"all {options.buyers:,} buyers are done" if code == 0 else f"{crowd.tally['gave_up']:,} requests or orders were given up")
    wait_for_deliveries(payments_journal(stack.folder))
    screen.say(f"{settle_refunds(stack):,} payments that go back are paid back, and reported")
    wait_until_healthy(stack.programs(LEDGERS + INGESTS), stack.supervision.failing, stack.folder)
    return crowd, code, rush.damage


def run_demo(options):
    stack = Stack(TREE / ".stack/demo")
    beside_another = Stack(TREE / ".stack").running()
    with Screen() as screen:
        try:
            screen.say("starting Kafka, Redis, MariaDB, nginx, two ingests, two ledgers, a sink, a reaper and a shop")
            stack.up(fresh=True, private=beside_another)
            screen.say(f"they run; the front is http://{stack.ports.address('front')}, logs are in {stack.folder.path / 'log'}")
            crowd, buyers_code, damage = run_sale(stack, options, screen)
            screen.say("the independent check reads both topics, Redis, MariaDB, the buyers' journal and the gateway's")
            audit_code, findings, summary, verdict = check(stack, crowd.journal)
            counted = restarts(stack)
        finally:
            if not options.keep:
                stack.down()
    print_table(crowd.tally, summary, damage, counted)
    late = list(broken_promises(summary))
    for line in findings + late:
        print(line)
    print(verdict)
    return 1 if audit_code or buyers_code or late else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--buyers", type=_at_least(1), default=5000, help="different users, who come within 2 s (default 5000)")
    parser.add_argument("--stock", type=_at_least(2), default=200, help="units of each SKU, half of them in each slot (default 200)")
    parser.add_argument("--skus", type=_at_least(1), default=1, help="how many SKUs (default 1)")
    parser.add_argument("--seed", type=int, default=1, help="of who buys what when and how, and who pays (default 1)")
    parser.add_argument("--keep", action="store_true", help="leave everything running: `stack/stack.py --dir .stack/demo down` ends it")
    return run_demo(parser.parse_args())


def _at_least(lowest):
    def number(text):
        if int(text) < lowest:
            raise argparse.ArgumentTypeError(f"{text} is less than {lowest}")
        return int(text)

    return number


if __name__ == "__main__":
    raise SystemExit(exit_code_of(main))
