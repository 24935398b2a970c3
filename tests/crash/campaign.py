#!/usr/bin/python3
"""Crash runs: `campaign.py --runs N` goes on where the results file ends, `campaign.py --run SEED` repeats one. See README.md."""

import argparse
import sys
import time
import traceback
from collections import Counter
from pathlib import Path

TREE = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(TREE / "stack"), str(TREE), str(TREE / "tests/evidence")]

import evidence  # noqa: E402 stack/ and tests/ are no packages: their programs are run by path
from crash_run import CrashRun  # noqa: E402
from schedule import NAMES, faults_of  # noqa: E402
from yard import Yard  # noqa: E402

FOLDER = TREE / "build/crash"
_PIECE_RUNS = 20  # of which the results file gets one line


class Tally:
    def __init__(self):
        self.happened, self.failed, self.not_run, self.steps = Counter(), Counter(), Counter(), Counter()
        self.failures, self.runs, self.intents = [], 0, 0

    def add(self, seed, faults, run, wrong):
        self.runs += 1
        self.intents += run.load.acknowledged if run.load else 0
        for fault in faults:
            not_run = getattr(fault, "can_happen", True) is False
            (self.not_run if not_run else self.happened)[fault.name] += 1
            self.failed[fault.name] += bool(wrong)
        self.steps.update(run.hits())
        if wrong:
            self.failures.append(seed)

    def lines(self):
        yield f"{'fault':28} {'runs':>5} {'failed':>6} {'not run':>7}"
        for name in NAMES:
            yield f"{name:28} {self.happened[name]:5} {self.failed[name]:6} {self.not_run[name]:7}"
        yield "steps: " + ", ".join(f"{step} {count}" for step, count in sorted(self.steps.items()))
        yield f"{self.runs} runs, {self.intents:,} intents acknowledged, {len(self.failures)} failed"

    def figures(self):
        return {"runs": self.runs, "failed": len(self.failures), "failures": self.failures, "intents": self.intents, "faults": dict(self.happened),
                "not_run": dict(self.not_run), "steps": dict(self.steps)}


def run_seed(yard, seed, say=print):
    """Returns the faults, the run and what is wrong. Logs of a run that went well are removed by the next one."""
    run, faults, begun = CrashRun(yard, FOLDER / f"run-{seed}", seed), faults_of(seed), time.monotonic()
    try:
        wrong = run.live_through(faults)
    except Exception:  # whatever it is, the run failed, and the next one goes on
        wrong = [traceback.format_exc()]
    verdict = "FAILED" if wrong else "ok"
    say(f"run {seed}: {verdict} in {time.monotonic() - begun:.1f} s: {', '.join(fault.name for fault in faults)}; "
        f"steps {', '.join(run.hits()) or 'none'}; {run.load.acknowledged if run.load else 0} intents", flush=True)
    if wrong:
        say("\n".join(wrong), flush=True)
        say(f"  again: make crash RUN={seed}   logs: {run.folder.relative_to(TREE)}", flush=True)
    else:
        run.remove()
    return faults, run, wrong


def run_seeds(seeds, record):
    """`record`: whether the results file is told, in pieces."""
    seeds, total = list(seeds), Tally()
    with Yard(FOLDER / "yard") as yard:
        for at in range(0, len(seeds), _PIECE_RUNS):
            piece, started, begun = Tally(), evidence.now(), time.monotonic()
            for seed in seeds[at : at + _PIECE_RUNS]:
                outcome = run_seed(yard, seed)
                piece.add(seed, *outcome)
                total.add(seed, *outcome)
            if record:
                spent = {"started": started, "seconds": round(time.monotonic() - begun, 1)}
                evidence.append("crash", spent | {"from": seeds[at], "to": seed} | piece.figures())
    print("\n".join(total.lines()))
    return total


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, help="so many more, told to the results file")
    parser.add_argument("--run", type=int, metavar="SEED", help="this one again")
    parser.add_argument("--seeds", type=int, nargs="*", default=[], help="these, without telling the results file")
    arguments = parser.parse_args()
    first = evidence.next_from("crash") if arguments.runs else 0
    seeds = arguments.seeds or ([arguments.run] if arguments.run is not None else range(first, first + (arguments.runs or 0)))
    return 1 if run_seeds(seeds, record=bool(arguments.runs)).failures else 0


if __name__ == "__main__":
    sys.exit(main())
