"""What counts as finding a planted bug."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import oracles  # noqa: E402 found by the path above


def _program(folder, does):
    program = folder / "program"
    program.write_text(f"#!/bin/sh\n{does}\n")
    program.chmod(0o755)
    return program


def test_an_oracle_finds_what_makes_it_fail(tmp_path):
    verdict = oracles.ask("ledger_test", _program(tmp_path, "echo '[  FAILED  ] Ledger.Sells'; exit 1"))
    assert verdict.found and verdict.how == "Ledger.Sells"
    assert not oracles.ask("ledger_test", _program(tmp_path, "exit 0")).found


def test_an_oracle_that_does_not_end_has_found_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(oracles, "WAIT_SECONDS", 0.1)
    verdict = oracles.ask("ledger_test", _program(tmp_path, "exec sleep 60"))
    assert not verdict.found and "does not end" in verdict.how
