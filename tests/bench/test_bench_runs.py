"""The bench itself, end to end with few purchases: every figure is there and every count agrees. Says nothing about speed."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from figures import LIMITS
from problem import Problem
from run_parts import PARTS, parts_of

HERE = Path(__file__).resolve().parent
# On a machine that does other things too; by itself it takes a third of it.
PATIENCE_SECONDS = 180
# Needs Maven, and minutes.
PEER = "kafka_streams"


def test_it_measures_every_figure_of_every_case_but_the_peers(tmp_path):
    out = tmp_path / "bench.json"
    command = [sys.executable, HERE / "run.py", "--scale", "0.001", "--rounds", "1", "--without-peer", "--out", out]
    done = subprocess.run(
        [*command, "--folder", tmp_path / "stack"], capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    written = json.loads(out.read_text())
    assert written["without_peer"] and "without" not in written
    assert {name for name in LIMITS if PEER not in name} <= set(written["figures"])
    # A few thousand orders fit into memory that was there before.
    assert all(value > 0 for name, value in written["figures"].items() if name != "memory.bytes_per_held_order"), written
    assert written["note"] == "not the whole bench"
    assert "NOT THE WHOLE BENCH" in done.stdout and "everything was measured" in done.stdout


def test_a_figure_is_asked_for_by_its_case_or_by_the_part_that_brings_it():
    assert parts_of("") == list(PARTS)
    assert parts_of("restart,one_sku") == ["one_sku", "held"]
    assert parts_of("held") == ["held"]
    with pytest.raises(Problem, match="no case latency: there are failover, flood"):
        parts_of("latency")
