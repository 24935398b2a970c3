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

INTENTS_PER_WORLD = 500  # at least
CHUNK_INTENTS = 5_000_000
CYCLE_INTENTS_MAX = 20
EACH_CELL_MIN = 50
EACH_HAPPENING_MIN = 200
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


def too_tame(pieces, whole_volume):
    """What happened too seldom, in words."""
    total = Counter()
    happenings = Counter()
    for piece in pieces:
        total.update(piece["cells"])
        happenings.update(piece["happenings"])
    intents = sum(piece["intents"] for piece in pieces)
    cycles = sum(piece["duty_cycles"] for piece in pieces)
    found = [f"{cell}: {count}" for cell, count in total.items() if whole_volume and count < EACH_CELL_MIN]
    found += [f"{name}: {count}" for name, count in happenings.items() if whole_volume and count < EACH_HAPPENING_MIN]
    if intents > CYCLE_INTENTS_MAX * cycles:
        found.append(f"{intents / cycles:.1f} intents a duty cycle")
    return found


def print_table(pieces):
    cells = Counter()
    for piece in pieces:
        cells.update(piece["cells"])
    steps = list(dict.fromkeys(cell.split(" at ", 1)[1] for cell in cells))
    faults = list(dict.fromkeys(cell.split(" at ", 1)[0] for cell in cells))
    print(f"{'faults at':22}" + "".join(f"{fault:>13}" for fault in faults))
    for step in steps:
        row = (cells.get(f"{fault} at {step}") for fault in faults)
        print(f"{step:22}" + "".join(f"{'-' if count is None else count:>13}" for count in row))


def print_totals(pieces, seconds):
    total = Counter()
    for piece in pieces:
        total.update({name: piece[name] for name in FIGURES})
    for name in FIGURES:
        print(f"{name.replace('_', ' '):34}{total[name]:>16,}")
    print(f"{'intents a duty cycle':34}{total['intents'] / max(1, total['duty_cycles']):>16.1f}")
    print(f"{'seconds':34}{seconds:>16.1f}")


def short(piece):
    """As the results file keeps it: the rarest of the cells and of the happenings instead of all."""
    rarest = min(piece["cells"], key=piece["cells"].get)
    figures = {name: value for name, value in piece.items() if name not in ("cells", "happenings")}
    return figures | {"rarest_fault": rarest, "rarest_fault_count": piece["cells"][rarest]}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--intents", type=int, default=1_000_000_000)
    parser.add_argument("--dry", action="store_true", help="write nothing")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--program", type=Path, default=TREE / "build/release/tests/simulation/sluice_simulation")
    options = parser.parse_args()

    before = [] if options.dry else evidence.pieces("simulate")
    left = options.intents - sum(piece["intents"] for piece in before)
    if left <= 0:
        print(f"{options.intents:,} intents are in tests/evidence/results.jsonl already")
        return 0
    pieces = []

    def finished(piece):
        pieces.append(piece)
        if not options.dry:
            evidence.append("simulate", short(piece))
            print(f"seeds {piece['from']} to {piece['to']}: {piece['intents']:,} intents, {piece['seconds']} s", flush=True)

    begun = time.monotonic()
    try:
        run(options.program, left, 1 if options.dry else evidence.next_from("simulate"), options.jobs, finished)
    except Broken as broken:
        print(broken, file=sys.stderr)
        return 1
    print_table(pieces)
    print_totals(pieces, time.monotonic() - begun)
    if tame := too_tame(pieces, sum(piece["intents"] for piece in pieces) >= 10_000_000):
        print("the simulation has become too tame: " + "; ".join(tame), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
