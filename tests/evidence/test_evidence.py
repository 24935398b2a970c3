"""The results file takes only whole pieces and tells where a campaign goes on."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

import evidence  # noqa: E402 found by the path above


def _piece(first, last, **figures):
    return {"started": evidence.now(), "seconds": 1.5, "from": first, "to": last, **figures}


@pytest.fixture(name="results")
def _results(tmp_path):
    return tmp_path / "results.jsonl"


def test_begins_with_one_and_goes_on_behind_the_last(results):
    assert evidence.next_from("crash", results) == 1
    evidence.append("crash", _piece(1, 20), results)
    evidence.append("crash", _piece(21, 40), results)
    evidence.append("simulate", _piece(1, 5000), results)
    assert evidence.next_from("crash", results) == 41


def test_says_what_was_tried_and_where(results):
    piece = evidence.append("crash", _piece(1, 20, killed=7), results)
    assert piece == json.loads(results.read_text())
    assert list(piece)[:7] == ["campaign", "commit", "machine", "started", "seconds", "from", "to"]
    assert piece["killed"] == 7
    assert " x " in piece["machine"] and piece["machine"].endswith(" GiB")


@pytest.mark.parametrize("figures", [{"from": 1, "to": 2, "seconds": 1}, _piece(3, 2)])
def test_refuses_half_a_piece(results, figures):
    with pytest.raises(ValueError):
        evidence.append("crash", figures, results)
    assert not results.exists()


def test_refuses_a_campaign_that_nobody_knows(results):
    with pytest.raises(ValueError):
        evidence.append("crsh", _piece(1, 2), results)


def test_calls_a_tree_dirty_that_differs_from_its_commit(tmp_path):
    def git(*arguments):
        command = ["git", "-C", str(tmp_path), "-c", "user.name=t", "-c", "user.email=t@t", *arguments]
        subprocess.run(command, check=True, capture_output=True)

    git("init")
    results = tmp_path / evidence.RESULTS.relative_to(evidence.TREE)
    results.parent.mkdir(parents=True)
    results.write_text("")
    (tmp_path / "code").write_text("1")
    git("add", ".")
    git("commit", "-m", "code")
    results.write_text("{}\n")
    assert not evidence.commit(tmp_path).endswith("+dirty"), "results do not change what is tried"
    (tmp_path / "code").write_text("2")
    assert evidence.commit(tmp_path).endswith("+dirty")


def test_adds_up_what_a_campaign_has_come_to(results):
    evidence.append("crash", _piece(1, 20, killed=7), results)
    evidence.append("crash", _piece(21, 40, killed=5), results)
    assert evidence.table(results).split() == "crash 2 pieces 0.00 h killed 12".split()


def test_holds_only_pieces_that_can_be_read():
    for campaign in evidence.CAMPAIGNS:
        for piece in evidence.pieces(campaign):
            assert set(evidence.REQUIRED) <= set(piece)
