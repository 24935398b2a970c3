#!/usr/bin/python3
"""Crash runs: `campaign.py --runs N` until the results file holds N good ones that count; `campaign.py --run SEED` repeats one.
See README.md."""

import argparse
import os
import select
import signal
import sys
import time
from pathlib import Path

TREE = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(TREE / "stack"), str(TREE), str(TREE / "tests/evidence")]

import evidence  # noqa: E402 stack/ and tests/ are no packages: their programs are run by path
from job import FOLDER, Job  # noqa: E402
from problem import exit_code_of  # noqa: E402
from tally import Tally  # noqa: E402

CAMPAIGN = "crash"
JOBS = 2 * (os.cpu_count() or 1)  # a run mostly waits: for sessions to end, for servers to start
_PIECE_RUNS = 10  # of which the results file gets one line


class Record:
    """Tells `campaign`, so the results file, of runs in the order of their seeds, whatever the order in which they end."""

    def __init__(self, campaign, first):
        self._campaign, self._next, self._ended = campaign, first, {}
        self._begin()

    def _begin(self):
        self._started, self._begun = evidence.now(), time.monotonic()

    def add(self, outcome):
        self._ended[outcome["seed"]] = outcome
        self._write(_PIECE_RUNS)

    def end(self):
        self._write(1)

    def _write(self, least):
        piece, first = Tally(), self._next
        while first + piece.runs in self._ended and piece.runs < _PIECE_RUNS:
            piece.add(self._ended[first + piece.runs])
        if piece.runs < least:
            return
        self._next += piece.runs
        spent = {"started": self._started, "seconds": round(time.monotonic() - self._begun, 1)}
        self._campaign.append(spent | {"from": first, "to": self._next - 1} | piece.figures())
        self._begin()
        self._write(least)


class Repetitions:
    """As Record, of seeds here and there: each is a piece."""

    def __init__(self, campaign, seeds):
        self._records = {seed: Record(campaign, seed) for seed in seeds}

    def add(self, outcome):
        self._records[outcome["seed"]].add(outcome)

    def end(self):
        for record in self._records.values():
            record.end()


def _line(outcome):
    """The only one that a run prints."""
    told = f"run {outcome['seed']}: {'FAILED' if outcome['wrong'] else 'ok'} in {outcome['seconds']:.1f} s: {', '.join(outcome['faults'])}"
    told += f"; steps {', '.join(outcome['steps']) or 'none'}; {outcome['intents']} intents"
    if not outcome["wrong"]:
        return told
    logs = (FOLDER / f"run-{outcome['seed']}").relative_to(TREE)
    return f"{told}; {outcome['wrong'][0].strip().splitlines()[-1]}; again: make crash RUN={outcome['seed']}; logs: {logs}"


def run_side_by_side(seeds, count, tell):
    """Gives each of so many jobs one seed after the other; `tell` is told what came of each. Returns whether all of them ran: SIGINT or
    SIGTERM ends it when the runs that are under way are over."""
    seeds, jobs, asked_to_end = iter(seeds), [], []
    before = {number: signal.signal(number, lambda *_: asked_to_end.append(True)) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        busy = []

        def give_one(job):
            seed = None if asked_to_end else next(seeds, None)
            if seed is not None:
                (job or jobs.append(Job(len(jobs) + 1)) or jobs[-1]).begin(seed)
            return seed is not None

        while len(jobs) < count and give_one(None):
            busy.append(jobs[-1])
        while busy:
            for job in select.select(busy, [], [])[0]:
                tell(job.outcome())
                if not give_one(job):
                    busy.remove(job)
        return not asked_to_end
    finally:
        for job in jobs:
            job.end()
        for number, handler in before.items():
            signal.signal(number, handler)


def run_seeds(seeds, count=JOBS, record=None):
    """What they came to. `record`: the results file is told through it."""
    total, seeds = Tally(), list(seeds)

    def tell(outcome):
        print(_line(outcome), flush=True)
        total.add(outcome)
        if record:
            record.add(outcome)

    try:
        run_side_by_side(seeds, min(count, len(seeds)), tell)
    finally:
        if record:
            record.end()
    return total


def _so_far():
    total = Tally()
    for piece in evidence.current(CAMPAIGN):
        total.add_piece(piece)
    return total


def run_until(runs, count=JOBS):
    """First what has failed, again; then as many as are missing, once: for each that fails another one is missing afterwards.
    Returns the exit code."""
    campaign = evidence.Campaign(CAMPAIGN)
    if failed := sorted(set(_so_far().failures)):
        run_seeds(failed, count, Repetitions(campaign, failed))
    first, missing = evidence.next_from(CAMPAIGN), runs - _so_far().good()
    run_seeds(range(first, first + missing), count, Record(campaign, first))
    total = _so_far()
    print("\n".join(total.lines()))
    return 1 if total.failures or total.too_rare() or total.good() < runs else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, metavar="N", help="until the results file holds so many good ones that count")
    parser.add_argument("--run", type=int, metavar="SEED", help="this one again")
    parser.add_argument("--seeds", type=int, nargs="+", default=[], help="these, without telling the results file")
    parser.add_argument("--jobs", type=int, default=JOBS, metavar="N", help=f"so many runs side by side (default {JOBS})")
    arguments = parser.parse_args()
    if arguments.runs:
        return run_until(arguments.runs, arguments.jobs)
    total = run_seeds(arguments.seeds or [arguments.run], arguments.jobs)
    print("\n".join(total.lines()))
    return 1 if total.failures else 0


if __name__ == "__main__":
    sys.exit(exit_code_of(main))
