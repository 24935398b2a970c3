#!/usr/bin/python3
"""Bugs planted into the ledger that only real processes can show, or that show best there: `planted.py [NAME ...]`. Each patch of the folder
planted/ names the fault whose runs should fail; these are made, in the order of their seeds, until one does."""

import os
import sys
import time
from itertools import count, islice
from pathlib import Path

TREE = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(TREE / "tests/mutants"), str(TREE / "tests/crash")]

import planting  # noqa: E402 found by the path above

PATCHES = TREE / "tests/crash/planted"
PROGRAMS = "sluice-ledger", "sluice-sink", "sluice-reaper", "sluicectl"
LOOKED = 6  # runs, before the crash runs count as blind to it


def plant(patch):
    """A folder of programs of the build with failpoints, of which the ledger has the mistake."""
    planting.RELEASE, planting.PLANTED = TREE / "build/dev", TREE / "build/crash/planted"
    program = planting.plant(planting._read(patch), PROGRAMS[0])
    for name in PROGRAMS[1:]:
        link = program.with_name(name)
        link.unlink(missing_ok=True)
        link.symlink_to(TREE / "build/dev/bin" / name)
    return program.parent


def fault_of(patch):
    return patch.read_text(encoding="utf-8").partition("Found by: ")[2].splitlines()[0]


def seeds_with(fault):
    from schedule import names_of

    return (seed for seed in count(1) if fault in names_of(seed))


def look_for(patch):
    """What the first run that failed has said, after how many; nothing if none did."""
    import campaign

    os.environ["SLUICE_BIN"] = str(plant(patch))
    for tried, seed in enumerate(islice(seeds_with(fault_of(patch)), LOOKED), 1):
        if campaign.run_seeds([seed], 1).failures:
            return tried, seed
    return None


def main(names):
    found = True
    for patch in sorted(PATCHES.glob("*.patch")):
        if names and patch.stem not in names:
            continue
        begun, verdict = time.monotonic(), look_for(patch)
        found &= verdict is not None
        told = f"found by run {verdict[1]}, the {verdict[0]}. with '{fault_of(patch)}'" if verdict else "NOT FOUND"
        print(f"{patch.stem:36} {told}, {time.monotonic() - begun:.0f} s", flush=True)
    return 0 if found else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
