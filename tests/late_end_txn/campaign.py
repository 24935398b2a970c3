#!/usr/bin/python3
"""`make late-end-txn RUNS=n`: until the results file holds n late EndTxn that the broker took, in lives that count and have passed.

Every life of the ledger begins on an empty log with new servers: a lane's start would become longer with every delivery.
"""

import argparse
import sys
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parents[1] / "evidence")]

import evidence  # noqa: E402 found by the path above
import ledger_life  # noqa: E402
from problem import Problem, exit_code_of  # noqa: E402 found by ledger_life's path
from stack import Stack  # noqa: E402

CAMPAIGN = "late_end_txn"
DELIVERIES_A_LIFE = 100


def run_life(campaign, wanted):
    stack, started, begun = Stack(ledger_life.FOLDER), evidence.now(), time.monotonic()
    try:
        stack.up(only=ledger_life.SERVERS, fresh=True, private=True)
        life = ledger_life.live(stack, wanted)
    finally:
        stack.down()
    first = evidence.next_from(CAMPAIGN)
    return life, campaign.append({
        "started": started, "seconds": round(time.monotonic() - begun, 1), "from": first, "to": max(first, first + life.delivered - 1),
        "delivered": life.delivered, "torn": life.torn, "not_taken": life.refused, "intents": life.intents,
        "failed": 0 if life.passed else 1})


def so_far():
    """How many count, and in words those of lives whose check has failed."""
    lives = evidence.current(CAMPAIGN)
    good = sum(life["delivered"] for life in lives if not life["failed"])
    return good, ", ".join(f"{life['from']} to {life['to']}" for life in lives if life["failed"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=1000, help="late EndTxn that count in the results file when this ends (default 1000)")
    runs = parser.parse_args().runs
    campaign, missing = evidence.Campaign(CAMPAIGN), runs - so_far()[0]
    while missing > 0:
        life, piece = run_life(campaign, min(DELIVERIES_A_LIFE, missing))
        missing -= life.delivered
        print(f"{runs - missing:5} of {runs}: {life.delivered} taken by the broker, {life.torn} of them tore a transaction, "
              f"{life.refused} not taken, {life.intents:,} intents in {piece['seconds']} s; "
              f"{life.said.strip().splitlines()[-1]}", flush=True)
        if not life.passed:
            raise Problem(f"{life.said}\nthe logs are in {ledger_life.FOLDER}")
    good, failed = so_far()
    print(f"{good} of {runs} late EndTxn that count are in {evidence.RESULTS}")
    if failed or good < runs:
        raise Problem(f"this ledger has not lived through late EndTxn {failed}" if failed else "the code has changed meanwhile")


if __name__ == "__main__":
    raise SystemExit(exit_code_of(main))
