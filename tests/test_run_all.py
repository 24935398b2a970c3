"""`make test` itself: no failure may get lost between a part and the exit code."""

import os

import pytest
import run_all
from problem import Problem


@pytest.fixture(autouse=True)
def results(tmp_path, monkeypatch):
    """`make test` may run these: its own results stay."""
    monkeypatch.setattr(run_all, "RESULTS", tmp_path / "results")
    monkeypatch.setattr(run_all, "build", lambda preset: run_all.Part(f"build {preset}"))
    monkeypatch.setattr(os, "environ", dict(os.environ))
    (tmp_path / "results").mkdir()
    return tmp_path / "results"


def lane_of(act):
    def run():
        lane = run_all.Lane()
        with lane.part("a part") as part:
            act(part)
        return lane.parts

    return run


def passes(part):
    os.write(1, b"said by a child\n")
    part.passed = 2


def fails(part):
    os.write(1, b"said by a child\n")
    part.passed, part.failed = 1, 1


def breaks(_part):
    raise Problem("there is no such thing")


def dies(_part):
    os._exit(7)


def test_what_passes_says_one_line_and_keeps_the_rest_in_its_log(capfd, results):
    lane_of(passes)()
    assert "2 passed, 0 failed" in (said := capfd.readouterr().out) and "said by a child" not in said
    assert (results / "a-part.log").read_text() == "said by a child\n"


@pytest.mark.parametrize("act, told", [(fails, "said by a child"), (breaks, "error: there is no such thing")])
def test_what_fails_shows_its_log(act, told, capfd):
    assert lane_of(act)()[0].failed == 1
    assert told in capfd.readouterr().out


@pytest.mark.parametrize("waiting, computing, code, sum_", [
    (passes, passes, 0, "4 passed, 0 failed"), (fails, passes, 1, "3 passed, 1 failed"), (passes, fails, 1, "3 passed, 1 failed"),
    (passes, breaks, 1, "2 passed, 1 failed")])
def test_a_failure_in_either_lane_fails_all(waiting, computing, code, sum_, monkeypatch, capfd):
    monkeypatch.setattr(run_all, "tests_that_wait", lane_of(waiting))
    monkeypatch.setattr(run_all, "tests_that_compute", lane_of(computing))
    assert run_all.main() == code
    assert capfd.readouterr().out.splitlines()[-1] == sum_


def test_a_lane_that_dies_is_no_success(monkeypatch):
    monkeypatch.setattr(run_all, "tests_that_wait", lane_of(passes))
    monkeypatch.setattr(run_all, "tests_that_compute", lane_of(dies))
    with pytest.raises(Problem, match="without a result"):
        run_all.main()
