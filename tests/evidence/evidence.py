#!/usr/bin/python3
"""The results file: what the long campaigns have shown, one JSON line for each finished piece of one. See README.md.

    tests/evidence/evidence.py                            what each campaign has come to
    tests/evidence/evidence.py append CAMPAIGN FIGURES    adds a piece; FIGURES is a JSON object, - reads it from standard input
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
RESULTS = Path(__file__).resolve().parent / "results.jsonl"
CAMPAIGNS = "simulate", "mutants", "crash", "late_end_txn", "fuzz"
REQUIRED = "started", "seconds", "from", "to"


def append(campaign, figures, results=RESULTS):
    """Adds one piece. `figures` holds at least REQUIRED: `now()` at its start, how long it took, its first and last seed or number.
    Whole or not at all, also when two campaigns end at once."""
    if campaign not in CAMPAIGNS:
        raise ValueError(f"{campaign} is no campaign: {', '.join(CAMPAIGNS)}")
    if missing := [name for name in REQUIRED if name not in figures]:
        raise ValueError(f"a piece of {campaign} without {', '.join(missing)}")
    if figures["from"] > figures["to"]:
        raise ValueError(f"a piece of {campaign} from {figures['from']} to {figures['to']}")
    piece = {"campaign": campaign, "commit": commit(), "machine": machine()}
    piece |= {name: figures[name] for name in REQUIRED} | figures
    with open(results, "a", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write(json.dumps(piece) + "\n")
    return piece


def pieces(campaign, results=RESULTS):
    """Those of one campaign, oldest first."""
    if not results.exists():
        return []
    lines = map(json.loads, results.read_text(encoding="utf-8").splitlines())
    return [piece for piece in lines if piece["campaign"] == campaign]


def next_from(campaign, results=RESULTS):
    """Behind the last seed or number of all pieces; the first one of all is 1."""
    return max((piece["to"] for piece in pieces(campaign, results)), default=0) + 1


def now():
    """RFC 3339, UTC, for `started`."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def commit(tree=TREE):
    """Of what is tried, with "+dirty" if something beside the results differs from it."""
    name = _git(tree, "rev-parse", "--short=12", "HEAD").strip()
    changes = _git(tree, "status", "--porcelain", "--untracked-files=no", "--", ".", f":(exclude){RESULTS.relative_to(TREE)}")
    return name + ("+dirty" if changes else "")


def _git(tree, *arguments):
    return subprocess.run(["git", "-C", str(tree), *arguments], capture_output=True, text=True, check=True).stdout


def machine(cpus="/proc/cpuinfo", memory="/proc/meminfo"):
    """E.g. "2 x AMD EPYC, 23 GiB"."""
    models = [line.split(":", 1)[1].strip() for line in Path(cpus).read_text().splitlines() if line.startswith("model name")]
    kib = int(next(line for line in Path(memory).read_text().splitlines() if line.startswith("MemTotal")).split()[1])
    return f"{len(models)} x {models[0] if models else 'unknown'}, {kib // 2**20} GiB"


def table(results=RESULTS):
    """A line for each campaign: pieces, hours, and the sum of every whole figure that is told of each piece."""
    lines = []
    for campaign in CAMPAIGNS:
        found = pieces(campaign, results)
        if not found:
            continue
        sums = defaultdict(int)
        for piece in found:
            for name, value in piece.items():
                if name not in REQUIRED and isinstance(value, int) and not isinstance(value, bool):
                    sums[name] += value
        hours = sum(piece["seconds"] for piece in found) / 3600
        told = ", ".join(f"{name} {value:,}" for name, value in sums.items())
        lines.append(f"{campaign:14} {len(found):5} pieces {hours:7.2f} h  {told}")
    return "\n".join(lines)


def main(arguments):
    if not arguments:
        print(table())
    elif arguments[0] == "next" and len(arguments) == 2:
        print(next_from(arguments[1]))
    elif arguments[0] == "append" and len(arguments) == 3:
        append(arguments[1], json.loads(sys.stdin.read() if arguments[2] == "-" else arguments[2]))
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
