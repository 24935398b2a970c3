"""Twenty crash runs, in which every fault comes; and what the full campaign rests on: its schedule, and builds without failpoints."""

import subprocess
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import campaign
import planted
import pytest
from faults import STEPS
from schedule import NAMES, names_of
from tally import Tally

TREE = Path(__file__).resolve().parents[2]
JOBS = 3  # more would overload two cores that other tests have just used
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


@pytest.mark.parametrize("patch", sorted(planted.PATCHES.glob("*.patch")), ids=lambda patch: patch.stem)
def test_a_planted_bug_applies_and_names_the_fault_that_shows_it(patch):
    assert planted.fault_of(patch) in NAMES
    subprocess.run(["git", "apply", "--check", str(patch)], cwd=TREE, check=True)


@pytest.fixture(scope="module")
def tally():
    return campaign.run_seeds(range(1, 21), JOBS)


def test_nothing_is_lost_doubled_or_oversold_whatever_dies(tally):
    assert tally.runs == 20 and not tally.failures


def test_every_fault_happened(tally):
    assert {name for name in NAMES if not tally.happened[name]} == set(), dict(tally.not_run)


def _outcome(seed, **more):
    return {"seed": seed, "wrong": [], "seconds": 1.0, "faults": ["rebalance"], "not_run": [], "steps": [], "aborts": 0, "intents": 7} | more


def test_runs_are_told_in_the_order_of_their_seeds_and_an_interrupt_loses_none_of_them():
    told = []
    record = campaign.Record(SimpleNamespace(append=told.append), 31)
    for seed in (*range(32, 41), 42, 31):
        record.add(_outcome(seed))
    assert [(piece["from"], piece["to"], piece["runs"]) for piece in told] == [(31, 40, 10)]
    record.add(_outcome(41, wrong=["lost"]))
    record.end()
    assert [(piece["from"], piece["to"], piece["failures"]) for piece in told[1:]] == [(41, 42, [41])]


def test_a_fault_that_comes_too_rarely_is_named():
    tally = Tally()
    for seed in range(1000):
        tally.add(_outcome(seed, faults=NAMES[1:] if seed < 40 else NAMES[2:], not_run=NAMES[2:3] if seed < 961 else []))
    assert tally.too_rare() == [NAMES[0], NAMES[2]]
    assert "TOO RARE" in next(line for line in tally.lines() if line.startswith(NAMES[0]))


def _piece_of(*outcomes):
    tally = Tally()
    for outcome in outcomes:
        tally.add(outcome)
    seeds = [outcome["seed"] for outcome in outcomes] or [1]
    return {"from": min(seeds), "to": max(seeds)} | tally.figures()


def test_a_failed_run_counts_neither_as_a_run_nor_for_its_faults():
    faults = ["rebalance", "full disk"]
    piece = _piece_of(_outcome(1, faults=faults), _outcome(2, faults=faults, not_run=["full disk"]), _outcome(3, faults=faults, wrong=["lost"]),
                      _outcome(4, faults=faults, not_run=["full disk"], wrong=["lost"]))
    assert piece["runs"] == 4 and piece["failed"] == 2 and piece["failures"] == [3, 4]
    assert piece["faults"] == {"rebalance": 4, "full disk": 2}, "the lines of the results file are written as ever"
    total = Tally()
    total.add_piece(piece)
    assert total.good() == 2 and total.happened == {"rebalance": 2, "full disk": 1}
    assert total.failed == {"rebalance": 2, "full disk": 1} and total.not_run == {"full disk": 2}
    assert list(total.lines())[-1].endswith("2 good, 2 failed 3 4")


def test_a_run_that_failed_holds_nothing_up_when_it_has_gone_well_since():
    total = Tally()
    for piece in (_piece_of(_outcome(1), _outcome(2, wrong=["lost"]), _outcome(3, wrong=["lost"])), _piece_of(_outcome(2, wrong=["lost"])),
                  _piece_of(_outcome(2)), _piece_of(_outcome(4))):
        total.add_piece(piece)
    assert (total.runs, total.good(), total.failures, total.mended) == (6, 3, [3], [2, 2])
    assert list(total.lines())[-1].endswith("3 good, 1 failed 3, 2 failed and went well later 2 2")


def test_failed_runs_make_no_fault_frequent_enough():
    tally = Tally()
    for seed in range(1040):
        tally.add(_outcome(seed, faults=NAMES, wrong=["lost"]) if seed < 40 else _outcome(seed, faults=NAMES[1:]))
    assert tally.least() == 40 and tally.too_rare() == [NAMES[0]]


@pytest.mark.parametrize("counting, seeds, code", [
    ([], range(41, 51), 0),
    ([_outcome(seed, faults=NAMES) for seed in range(1, 7)], range(41, 45), 0),
    ([_outcome(1, faults=NAMES), _outcome(2, wrong=["lost"])], [2, *range(41, 49)], 0),
    ([_outcome(seed, faults=NAMES) for seed in range(1, 12)], [], 0)])
def test_makes_what_failed_again_and_as_many_runs_as_are_missing(monkeypatch, counting, seeds, code):
    made, told = [], [_piece_of(*counting)]
    monkeypatch.setattr(campaign.evidence, "Campaign", lambda name: SimpleNamespace(append=told.append))
    monkeypatch.setattr(campaign.evidence, "current", lambda name: told)
    monkeypatch.setattr(campaign.evidence, "next_from", lambda name: 41)

    def run_side_by_side(given, _, tell):
        for seed in given:
            made.append(seed)
            tell(_outcome(seed, faults=NAMES))

    monkeypatch.setattr(campaign, "run_side_by_side", run_side_by_side)
    assert campaign.run_until(10) == code
    assert made == list(seeds)


def test_a_run_that_fails_is_made_again_by_the_next_campaign_only(monkeypatch):
    told, bad = [], [3, 3]
    monkeypatch.setattr(campaign.evidence, "Campaign", lambda name: SimpleNamespace(append=told.append))
    monkeypatch.setattr(campaign.evidence, "current", lambda name: told)
    monkeypatch.setattr(campaign.evidence, "next_from", lambda name: max((piece["to"] for piece in told), default=0) + 1)
    monkeypatch.setattr(campaign, "run_side_by_side", lambda seeds, _, tell: [tell(_outcome(seed, wrong=["lost"] * (seed in bad and bool(bad.pop())))) for seed in seeds])
    assert [campaign.run_until(10) for _ in range(3)] == [1, 1, 0]
    assert [(piece["from"], piece["to"], piece["failures"]) for piece in told] == [(1, 10, [3]), (3, 3, [3]), (11, 11, []), (3, 3, [])]
