#!/usr/bin/python3
"""The results file: what the long campaigns have shown, one JSON line for each finished piece of one. See README.md.

    tests/evidence/evidence.py                            what each campaign has come to: what counts now, and all there is
    tests/evidence/evidence.py append CAMPAIGN FIGURES    adds a piece of HEAD; FIGURES is a JSON object, - reads it from standard input
    tests/evidence/evidence.py next CAMPAIGN              the seed or number with which the next piece begins
"""

import fcntl
import json
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

TREE = Path(__file__).resolve().parents[2]
sys.path.append(str(TREE / "stack"))

from problem import Problem, exit_code_of  # noqa: E402 found by the path above

RESULTS = "tests/evidence/results.jsonl"
REQUIRED = "started", "seconds", "from", "to"
DIRTY = "+dirty"

SHIPPED = ["runtime", "schemas", "kafka", "redis", "ledger", "ingest", "sink", "reaper", "ctl"]
# What stands for these in a simulated world is in tests/simulation.
_ADAPTERS = [f":(exclude)*/{name}*" for name in ("kafka_", "redis_", "rocks_", "mysql_", "http_server.")]
_FUZZ_ORACLES = ["tests/simulation/oracle", "tests/ledger/rows_in_memory.*", "tests/ledger/orders_apart.*"]
# By campaign, what it tries, as git's pathspecs: its pieces count for as long as no code there has changed.
TRIED = {
    "simulate": [*(folder for folder in SHIPPED if folder not in ("kafka", "redis", "ctl")), *_ADAPTERS, "tests/simulation"],
    "mutants": [*SHIPPED, "tests/mutants", "tests/simulation", "tests/ledger", "tests/ingest", "tests/reaper"],  # with those that find them
    "crash": SHIPPED,
    "late_end_txn": SHIPPED,
    "fuzz": [*SHIPPED, "tests/fuzz", ":(exclude)tests/fuzz/corpus", *_FUZZ_ORACLES],  # to the corpus each run adds what it has found
}
_DOCUMENTS = ":(exclude)*.md"


class Campaign:
    """One that begins now, with what was just built. All its pieces name the commit of now, whatever is committed meanwhile."""

    def __init__(self, name, tree=TREE):
        if name not in TRIED:
            raise ValueError(f"{name} is no campaign: {', '.join(TRIED)}")
        self._name, self._tree, self._commit, self._machine = name, tree, commit(tree), machine()
        if self._commit.endswith(DIRTY):
            raise Problem(f"the tree differs from its commit, so no piece of {name} would count: commit first")

    def append(self, figures):
        """Adds one piece. `figures` holds at least REQUIRED: `now()` at its start, how long it took, its first and last seed or number.
        Whole or not at all, also when two campaigns end at once."""
        if missing := [name for name in REQUIRED if name not in figures]:
            raise ValueError(f"a piece of {self._name} without {', '.join(missing)}")
        if figures["from"] > figures["to"]:
            raise ValueError(f"a piece of {self._name} from {figures['from']} to {figures['to']}")
        piece = {"campaign": self._name, "commit": self._commit, "machine": self._machine}
        piece |= {name: figures[name] for name in REQUIRED} | figures
        with open(self._tree / RESULTS, "a", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.write(json.dumps(piece) + "\n")
        return piece


def pieces(campaign, tree=TREE):
    """Those of one campaign, oldest first, whatever code they speak of."""
    results = tree / RESULTS
    if not results.exists():
        return []
    lines = map(json.loads, results.read_text(encoding="utf-8").splitlines())
    return [piece for piece in lines if piece["campaign"] == campaign]


def current(campaign, tree=TREE):
    """Those of them that count: of a commit since which nothing that the campaign tries has changed, up to the files as they are now."""
    found = pieces(campaign, tree)
    counts = {name: _is_current(name, TRIED[campaign], tree) for name in {piece["commit"] for piece in found}}
    return [piece for piece in found if counts[piece["commit"]]]


def _is_current(name, tried, tree):
    if name.endswith(DIRTY):
        return False
    command = ["git", "-C", str(tree), "diff", "--quiet", name, "--", *tried, _DOCUMENTS]
    # It fails as well where git does not know the commit.
    return subprocess.run(command, stderr=subprocess.DEVNULL, check=False).returncode == 0


def next_from(campaign, tree=TREE):
    """Behind the last seed or number of all pieces, so that none comes twice; the first one of all is 1."""
    return max((piece["to"] for piece in pieces(campaign, tree)), default=0) + 1


def now():
    """RFC 3339, UTC, for `started`."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def commit(tree=TREE):
    """Of what is tried, with "+dirty" if something beside the results differs from it."""
    name = _git(tree, "rev-parse", "--short=12", "HEAD").strip()
    changes = _git(tree, "status", "--porcelain", "--untracked-files=no", "--", ".", f":(exclude){RESULTS}")
    return name + (DIRTY if changes else "")


def _git(tree, *arguments):
    return subprocess.run(["git", "-C", str(tree), *arguments], capture_output=True, text=True, check=True).stdout


def machine(cpus="/proc/cpuinfo", memory="/proc/meminfo"):
    """E.g. "2 x AMD EPYC, 23 GiB"."""
    models = [line.split(":", 1)[1].strip() for line in Path(cpus).read_text().splitlines() if line.startswith("model name")]
    kib = int(next(line for line in Path(memory).read_text().splitlines() if line.startswith("MemTotal")).split()[1])
    return f"{len(models)} x {models[0] if models else 'unknown'}, {kib // 2**20} GiB"


def table(tree=TREE):
    """Two lines for each campaign, of what counts now and of all: pieces, hours, and the sum of every whole figure that is told of each."""
    lines = []
    for campaign in TRIED:
        if found := pieces(campaign, tree):
            lines.append(_line(campaign, "now", current(campaign, tree)))
            lines.append(_line("", "in all", found))
    return "\n".join(lines)


def _line(campaign, which, found):
    sums = defaultdict(int)
    for piece in found:
        for name, value in piece.items():
            if name not in REQUIRED and isinstance(value, int) and not isinstance(value, bool):
                sums[name] += value
    hours = sum(piece["seconds"] for piece in found) / 3600
    told = ", ".join(f"{name} {value:,}" for name, value in sums.items())
    return f"{campaign:14} {which:6} {len(found):5} pieces {hours:7.2f} h  {told}".rstrip()


def main():
    arguments = sys.argv[1:]
    if not arguments:
        print(table())
    elif arguments[0] == "next" and len(arguments) == 2:
        print(next_from(arguments[1]))
    elif arguments[0] == "append" and len(arguments) == 3:
        Campaign(arguments[1]).append(json.loads(sys.stdin.read() if arguments[2] == "-" else arguments[2]))
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    sys.exit(exit_code_of(main))
