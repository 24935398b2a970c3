"""What finds planted bugs: the simulation, seed by seed, and unit tests by the names of their programs."""

import re
import subprocess
import time
from dataclasses import dataclass

from planting import TREE

SIMULATION = "simulation"
AUDIT = "audit"  # finds them on real servers: tests/audit/test_real_sale.py
INTENTS = 2_000_000  # of the simulation, before it counts as blind to the mistake
WAIT_SECONDS = 600
_SEED = re.compile(r"(?:^seed |--seed=)(\d+)", re.MULTILINE)
_FAILED_TEST = re.compile(r"^\[  FAILED  \] (\S+)", re.MULTILINE)


@dataclass(frozen=True)
class Verdict:
    """Of one oracle on one program."""

    found: bool
    how: str  # the seed, the test, or how the program ended
    seeds: int  # that it took, with the one that found it
    seconds: float


def target_of(oracle):
    return "sluice_simulation" if oracle == SIMULATION else oracle


def ask(oracle, program, intents=INTENTS):
    """The oracle's word on `program`, which was linked from its target."""
    options = [f"--intents={intents}"] if oracle == SIMULATION else ["--gtest_brief=1"]
    begun = time.monotonic()
    try:
        done = subprocess.run([str(program), *options], cwd=TREE, capture_output=True, text=True, errors="replace",
                              timeout=WAIT_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return Verdict(False, f"does not end in {WAIT_SECONDS} s", 0, time.monotonic() - begun)
    seconds, said = time.monotonic() - begun, done.stdout + done.stderr
    if oracle == SIMULATION:
        seeds = [int(seed) for seed in _SEED.findall(said)]
        return Verdict(done.returncode != 0, f"seed {seeds[-1]}" if seeds else f"exit code {done.returncode}",
                       seeds[-1] if seeds else 0, seconds)
    tests = _FAILED_TEST.findall(said)
    return Verdict(done.returncode != 0, tests[0] if tests else f"exit code {done.returncode}", 0, seconds)
