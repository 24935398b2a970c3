"""The planted bugs are spread over what can go wrong, and a bug that is there is told from one that is not."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

import oracles  # noqa: E402 found by the path above
from planting import read_mutants  # noqa: E402

RULES = {f"ledger/{name}.cpp" for name in ("admin_rules", "order_rules", "purchase_rules", "sale_stock")}


def _count(belongs):
    return sum(any(map(belongs, mutant.files)) for mutant in read_mutants())


def test_plants_more_than_rules():
    in_rules = _count(RULES.__contains__)
    assert in_rules <= 20
    assert _count(lambda name: name.startswith("ledger/")) - in_rules >= 25
    assert _count(lambda name: name.startswith(("sink/", "reaper/", "ingest/"))) >= 15


@pytest.mark.parametrize("mutant", read_mutants(), ids=lambda mutant: mutant.name)
def test_says_what_it_breaks_and_changes_no_header(mutant):
    assert mutant.what.endswith(".")
    assert mutant.oracles and mutant.files
    assert all(name.endswith(".cpp") for name in mutant.files)


@pytest.mark.parametrize(("script", "found", "how"), [
    ("exit 0", False, "exit code 0"),
    ("echo '[  FAILED  ] SinkTest.StopsAtAGap (0 ms)'; exit 1", True, "SinkTest.StopsAtAGap"),
    ("kill -ABRT $$", True, "exit code -6"),
])
def test_believes_a_unit_test(tmp_path, script, found, how):
    program = tmp_path / "some_test"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    verdict = oracles.ask("some_test", program)
    assert (verdict.found, verdict.how) == (found, how)


def test_reads_the_seed_off_what_the_simulation_says(tmp_path):
    program = tmp_path / "sluice_simulation"
    program.write_text("#!/bin/sh\necho 'seed 41: I5: a gap; replay it with: sluice_simulation --seed=41' >&2; exit 1\n")
    program.chmod(0o755)
    verdict = oracles.ask(oracles.SIMULATION, program)
    assert (verdict.found, verdict.how, verdict.seeds) == (True, "seed 41", 41)
