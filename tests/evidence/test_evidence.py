"""The results file takes only whole pieces, tells where a campaign goes on, and counts what speaks of the code as it is."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

import evidence  # noqa: E402 found by the path above


def _piece(first, last, **figures):
    return {"started": evidence.now(), "seconds": 1.5, "from": first, "to": last, **figures}


class Tree:
    """A repository with code, documents and an empty results file."""

    def __init__(self, folder):
        self.folder = folder
        self._git("init")
        for name in ("ledger/lane.cpp", "ledger/README.md", "kafka/client.cpp", "ctl/main.cpp", "sink/mysql_tables.cpp", "tests/simulation/world.cpp",
                     "tests/simulation/oracle/judge.cpp", "tests/ledger/rows_in_memory.h", "tests/ledger/lane_test.cpp",
                     "tests/mutants/oversells.patch", "tests/fuzz/fuzz.py", "tests/fuzz/corpus/redo/1", evidence.RESULTS):
            self.write(name, "")
        self.commit()

    def write(self, name, text):
        (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / name).write_text(text)

    def commit(self):
        self._git("add", ".")
        self._git("commit", "-m", "one more")

    def change(self, name):
        self.write(name, "changed")
        self.commit()

    def add(self, campaign, *piece, **figures):
        return evidence.Campaign(campaign, self.folder).append(_piece(*piece, **figures))

    def counting(self, campaign):
        return [piece["from"] for piece in evidence.current(campaign, self.folder)]

    def results(self):
        return (self.folder / evidence.RESULTS).read_text()

    def _git(self, *arguments):
        command = ["git", "-C", str(self.folder), "-c", "user.name=t", "-c", "user.email=t@t", *arguments]
        subprocess.run(command, check=True, capture_output=True)


@pytest.fixture(name="tree")
def _tree(tmp_path):
    return Tree(tmp_path)


def test_begins_with_one_and_goes_on_behind_the_last_also_when_that_does_not_count(tree):
    assert evidence.next_from("crash", tree.folder) == 1
    tree.add("crash", 1, 20)
    tree.add("crash", 21, 40)
    tree.add("simulate", 1, 5000)
    tree.change("ledger/lane.cpp")
    assert evidence.next_from("crash", tree.folder) == 41


def test_says_what_was_tried_and_where(tree):
    piece = tree.add("crash", 1, 20, killed=7)
    assert piece == json.loads(tree.results())
    assert list(piece)[:7] == ["campaign", "commit", "machine", "started", "seconds", "from", "to"]
    assert piece["killed"] == 7
    assert " x " in piece["machine"] and piece["machine"].endswith(" GiB")


@pytest.mark.parametrize("figures", [{"from": 1, "to": 2, "seconds": 1}, _piece(3, 2)])
def test_refuses_half_a_piece(tree, figures):
    with pytest.raises(ValueError):
        evidence.Campaign("crash", tree.folder).append(figures)
    assert not tree.results()


def test_refuses_a_campaign_that_nobody_knows(tree):
    with pytest.raises(ValueError):
        evidence.Campaign("crsh", tree.folder)


def test_calls_a_tree_dirty_that_differs_from_its_commit(tree):
    tree.write(evidence.RESULTS, "{}\n")
    assert not evidence.commit(tree.folder).endswith("+dirty"), "results do not change what is tried"
    tree.write("ledger/lane.cpp", "2")
    assert evidence.commit(tree.folder).endswith("+dirty")


def test_begins_no_campaign_on_a_tree_that_differs_from_its_commit(tree):
    tree.write("ledger/lane.cpp", "2")
    with pytest.raises(evidence.Problem):
        evidence.Campaign("crash", tree.folder)


def test_credits_no_commit_that_was_made_during_the_campaign(tree):
    campaign, begun = evidence.Campaign("crash", tree.folder), evidence.commit(tree.folder)
    tree.change("ledger/lane.cpp")
    assert campaign.append(_piece(1, 20))["commit"] == begun
    assert tree.counting("crash") == []


def test_counts_what_was_tried_before_the_documents_changed_and_not_before_the_code_did(tree):
    tree.add("crash", 1, 20)
    tree.change("ledger/README.md")
    tree.add("crash", 21, 40)
    assert tree.counting("crash") == [1, 21]
    tree.change("ledger/lane.cpp")
    assert tree.counting("crash") == []
    tree.add("crash", 41, 60)
    assert tree.counting("crash") == [41]


def test_counts_again_what_was_tried_before_a_change_that_was_taken_back(tree):
    tree.add("crash", 1, 20)
    tree.change("ledger/lane.cpp")
    tree.write("ledger/lane.cpp", "")
    assert tree.counting("crash") == [1], "the file is as it was then"


def test_counts_nothing_while_the_code_differs_from_every_commit(tree):
    tree.add("crash", 1, 20)
    tree.write("ledger/lane.cpp", "2")
    assert tree.counting("crash") == []


def test_counts_neither_dirty_pieces_nor_those_of_unknown_commits(tree):
    piece = tree.add("crash", 1, 20)
    for commit in (piece["commit"] + "+dirty", "0123456789ab"):
        tree.write(evidence.RESULTS, tree.results() + json.dumps(piece | {"commit": commit}) + "\n")
    assert len(evidence.pieces("crash", tree.folder)) == 3
    assert len(evidence.current("crash", tree.folder)) == 1


@pytest.mark.parametrize("name, stale", [
    ("kafka/client.cpp", {"mutants", "crash", "late_end_txn", "fuzz"}), ("ctl/main.cpp", {"mutants", "crash", "late_end_txn", "fuzz"}),
    ("sink/mysql_tables.cpp", {"mutants", "crash", "late_end_txn", "fuzz"}), ("tests/simulation/world.cpp", {"simulate", "mutants"}),
    ("tests/simulation/oracle/judge.cpp", {"simulate", "mutants", "fuzz"}), ("tests/ledger/rows_in_memory.h", {"mutants", "fuzz"}),
    ("tests/ledger/lane_test.cpp", {"mutants"}),
    ("tests/mutants/oversells.patch", {"mutants"}), ("tests/fuzz/fuzz.py", {"fuzz"}), ("tests/fuzz/corpus/redo/1", set())])
def test_each_campaign_begins_anew_only_when_what_it_tries_has_changed(tree, name, stale):
    for campaign in evidence.TRIED:
        tree.add(campaign, 1, 20)
    tree.change(name)
    assert {campaign for campaign in evidence.TRIED if not tree.counting(campaign)} == stale


def test_every_folder_of_the_build_is_tried():
    parts = re.search(r"foreach\(part (.+?)\)", (evidence.TREE / "CMakeLists.txt").read_text())[1].split()
    assert set(evidence.SHIPPED) == {"schemas", *parts} - {"stack", "tests"}
    for name in (name for tried in evidence.TRIED.values() for name in tried if not name.startswith(":")):
        assert any(evidence.TREE.glob(name)), name


def test_adds_up_what_counts_now_and_all_that_a_campaign_has_come_to(tree):
    tree.add("crash", 1, 20, killed=7)
    tree.change("ledger/lane.cpp")
    tree.add("crash", 21, 40, killed=5)
    now, in_all = evidence.table(tree.folder).splitlines()
    assert now.split() == "crash now 1 pieces 0.00 h killed 5".split()
    assert in_all.split() == "in all 2 pieces 0.00 h killed 12".split()


def test_holds_only_pieces_that_can_be_read():
    for campaign in evidence.TRIED:
        for piece in evidence.pieces(campaign):
            assert set(evidence.REQUIRED) <= set(piece)
