#!/usr/bin/python3
"""`make simulate`: many worlds on all cores, in chunks of seeds. Each finished chunk is a line of tests/evidence/results.jsonl,
where the next run goes on. With --dry nothing is written: the small volume of `make test`.

    tests/simulation/campaign.py [--intents=1000000000] [--dry] [--jobs=N] [--program=FILE]
"""

import argparse
import concurrent.futures
import json
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

TREE = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TREE / "tests/evidence"))

import evidence  # noqa: E402 tests/evidence is no package: its programs are run by path
from problem import exit_code_of  # noqa: E402 found by evidence's path

INTENTS_PER_WORLD = 500  # at least
CHUNK_INTENTS = 20_000_000
FIGURES = "intents", "duty_cycles", "worlds", "worlds_with_sink_reaper_ingest", "worlds_run_twice", "records"


class Broken(Exception):
    """A promise was broken: the line that says which, with the seed."""


def run_chunk(program, first_seed, intents):
    """Of the seeds from `first_seed` on as many as have so many intents together."""
    started, begun = evidence.now(), time.monotonic()
    command = [str(program), f"--from={first_seed}", f"--intents={intents}", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = done.stderr.strip().splitlines()[-3:] or [f"{' '.join(command)} ended with {done.returncode}"]
        raise Broken(" ".join(said))
    return {"started": started, "seconds": round(time.monotonic() - begun, 1), "from": first_seed} | json.loads(done.stdout)


def chunks(first_seed, intents, jobs):
    """(first seed, intents) of each. They never overlap: a world has at least INTENTS_PER_WORLD, so a chunk needs at most so
    many seeds; what it leaves over is never run."""
    size = min(CHUNK_INTENTS, max(1, -(-intents // jobs)))
    stride = -(-size // INTENTS_PER_WORLD)
    for number in range(-(-intents // size)):
        yield first_seed + number * stride, min(size, intents - number * size)


def run(program, intents, first_seed, jobs, finished):
    """Calls `finished` with each chunk in the order of the seeds, so that the file's last line is where to go on."""
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        running = []
        for first, count in chunks(first_seed, intents, jobs):
            running.append(pool.submit(run_chunk, program, first, count))
        try:
            for chunk in running:
                finished(chunk.result())
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


class Tables:
    """What happened in all pieces that tell it, those of earlier runs included: older lines of the results file do not."""

    def __init__(self, pieces):
        self.pieces = [piece for piece in pieces if "limits" in piece]
        self.left_out = len(pieces) - len(self.pieces)
        self.cells, self.happenings, self.rulings = Counter(), Counter(), Counter()
        for piece in self.pieces:
            self.happenings.update(piece["happenings"])
            self.rulings.update(piece["rulings"])
            for step, row in piece["cells"].items():
                told = ((step, fault, count) for fault, count in zip(piece["faults"], row, strict=True) if count is not None)
                self.cells.update({(step, fault): count for step, fault, count in told})

    def too_tame(self):
        """What happened too seldom, in words. Less than the volume of which the program speaks is asked for its cycles only."""
        if not self.pieces:
            return []
        intents = sum(piece["intents"] for piece in self.pieces)
        cycles = sum(piece["duty_cycles"] for piece in self.pieces)
        limits = self.pieces[-1]["limits"]
        found = []
        if intents >= limits["volume"]:
            cells = {f"{fault} at {step}": count for (step, fault), count in self.cells.items()}
            happened = {**self.happenings, **self.rulings}
            found += [f"{cell}: {count}" for cell, count in cells.items() if count < limits["cell_min"]]
            found += [f"{name}: {count}" for name, count in happened.items() if count < limits["happening_min"]]
        if intents > limits["intents_per_cycle_max"] * cycles:
            found.append(f"{intents / cycles:.1f} intents a duty cycle")
        return found

    def print(self):
        if self.left_out:
            print(f"without {self.left_out} older pieces, whose lines tell no more than sums:")
        faults = list(dict.fromkeys(fault for _, fault in self.cells))
        print(f"{'faults at':22}" + "".join(f"{fault:>13}" for fault in faults))
        for step in dict.fromkeys(step for step, _ in self.cells):
            row = (self.cells.get((step, fault)) for fault in faults)
            print(f"{step:22}" + "".join(f"{'-' if count is None else count:>13}" for count in row))
        for what, counts in ("happening", self.happenings), ("reason or event", self.rulings):
            if counts:
                name, count = min(counts.items(), key=lambda counted: counted[1])
                print(f"{'rarest ' + what + ':':24}{name}, {count:,} times")


def print_totals(pieces, seconds):
    total = Counter()
    for piece in pieces:
        total.update({name: piece[name] for name in FIGURES})
    for name in FIGURES:
        print(f"{name.replace('_', ' '):34}{total[name]:>16,}")
    print(f"{'intents a duty cycle':34}{total['intents'] / max(1, total['duty_cycles']):>16.1f}")
    print(f"{'seconds':34}{seconds:>16.1f}")


def judged(tables):
    """Prints them. The exit code."""
    tables.print()
    tame = tables.too_tame()
    if tame:
        print("the simulation has become too tame: " + "; ".join(tame), file=sys.stderr)
    return 1 if tame else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--intents", type=int, default=1_000_000_000)
    parser.add_argument("--dry", action="store_true", help="write nothing")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--program", type=Path, default=TREE / "build/release/tests/simulation/sluice_simulation")
    options = parser.parse_args()

    before = [] if options.dry else evidence.current("simulate")
    left = options.intents - sum(piece["intents"] for piece in before)
    if left <= 0:
        print(f"{options.intents:,} intents that count are in {evidence.RESULTS} already")
        return judged(Tables(before))
    campaign = None if options.dry else evidence.Campaign("simulate")
    pieces = []

    def finished(piece):
        pieces.append(piece)
        if campaign is not None:
            campaign.append(piece)
            print(f"seeds {piece['from']} to {piece['to']}: {piece['intents']:,} intents, {piece['seconds']} s", flush=True)

    begun = time.monotonic()
    try:
        run(options.program, left, 1 if options.dry else evidence.next_from("simulate"), options.jobs, finished)
    except Broken as broken:
        print(broken, file=sys.stderr)
        return 1
    print_totals(pieces, time.monotonic() - begun)
    return judged(Tables(before + pieces))


if __name__ == "__main__":
    raise SystemExit(exit_code_of(main))
