"""Twenty crash runs, in which every fault comes; and what the full campaign rests on: its schedule, and builds without failpoints."""

from collections import Counter
from pathlib import Path

import campaign
import pytest
from faults import STEPS
from schedule import NAMES, names_of

TREE = Path(__file__).resolve().parents[2]
DAEMONS = "sluice-ledger", "sluice-sink", "sluice-reaper"


def test_every_fault_comes_once_in_20_runs_and_40_times_in_1000():
    for first in (1, 7, 501):
        assert {name for seed in range(first, first + 20) for name in names_of(seed)} == set(NAMES)
        counts = Counter(name for seed in range(first, first + 1000) for name in names_of(seed))
        assert min(counts[name] for name in NAMES) >= 40, counts


def test_what_is_shipped_holds_no_failpoint():
    programs = {preset: [(TREE / "build" / preset / "bin" / name).read_bytes() for name in DAEMONS] for preset in ("release", "dev")}
    for step in STEPS:
        assert any(step.encode() in program for program in programs["dev"]), f"no daemon has the step {step}"
        assert not any(step.encode() in program for program in programs["release"]), step


@pytest.fixture(scope="module")
def tally():
    return campaign.run_seeds(range(1, 21), record=False)


def test_nothing_is_lost_doubled_or_oversold_whatever_dies(tally):
    assert tally.runs == 20 and not tally.failures


def test_every_fault_happened(tally):
    assert {name for name in NAMES if not tally.happened[name]} == set(), dict(tally.not_run)
