#!/usr/bin/python3
"""`make bench`: how fast the ledger is, beside a bare loop over Kafka and beside Kafka Streams, on a Kafka and a Redis of its own.

What each figure is, and how it is measured, is in tests/bench/README.md. All processes share the machine with the broker: compare
figures of one run with each other, and run nothing else meanwhile.
"""

import argparse
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).resolve().parent
TREE = HERE.parents[1]
sys.path[:0] = [str(HERE), str(TREE / "stack"), str(TREE / "tests/evidence")]

import failover  # noqa: E402 these folders are no packages: their programs are run by path
import growth  # noqa: E402
import held  # noqa: E402
import verdict  # noqa: E402
from bench_stack import BenchStack  # noqa: E402
from drains import FLOOD, MANY_SKUS, ONE_SKU, Drains, check_agreement  # noqa: E402
from evidence import commit, machine  # noqa: E402
from figures import Figures, doubts, table, written  # noqa: E402
from peer import Peer  # noqa: E402
from problem import Problem, exit_code_of  # noqa: E402
from run_parts import PARTS, parts_of  # noqa: E402
from volumes import Volumes  # noqa: E402

DRAINS = {case.name: case for case in (ONE_SKU, MANY_SKUS, FLOOD)}
OTHERS = {"growth": growth.run, "held": held.run, "failover": failover.run, "verdict": verdict.run}


class Bench:
    def __init__(self, arguments):
        self._volumes = Volumes(arguments.scale, arguments.rounds)
        self._parts = parts_of(arguments.only)
        self._folder, self._out = arguments.folder.resolve(), arguments.out.resolve()
        self._with_peer = not arguments.without_peer
        self._figures = Figures()
        self._failures = []
        self._begun = time.monotonic()

    def run(self):
        commit_of_all, needs_peer = commit(), self._with_peer and any(DRAINS[part].with_peer for part in self._parts if part in DRAINS)
        peer = Peer() if needs_peer else None
        with self._conditioned(), BenchStack(self._folder).running() as bench:
            if any(part in DRAINS for part in self._parts):
                self._try("agreement", lambda: check_agreement(bench, self._volumes, peer, self._say))
            for part in self._parts:
                self._try(part, lambda: self._measure(bench, part, peer))  # noqa: B023 called at once
        self._out.parent.mkdir(parents=True, exist_ok=True)
        self._out.write_text(written(self._figures, commit_of_all, machine(), self._conditions()))
        print("\n" + "\n".join(table(self._figures)))
        self._sum_up()
        return 1 if self._failures else 0

    @contextmanager
    def _conditioned(self):
        if self._volumes.scale < 1:
            yield
            return
        # A process of its own, since a child's peak memory counts from its parent's peak.
        command = [sys.executable, HERE / "memory_keeper.py"]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as keeper:
            kept = keeper.stdout.readline()
            if not kept:
                raise Problem("the process that keeps memory for the bench ended; its words are above")
            self._say(f"{int(kept) >> 30} GiB of free memory are kept from the host")
            try:
                yield
            finally:
                keeper.stdin.close()

    def _measure(self, bench, part, peer):
        if part in DRAINS:
            case = DRAINS[part]
            print(f"\n{part}: {case.what}", flush=True)
            Drains(bench, self._volumes, case, peer, self._say).run(self._figures)
        else:
            print(f"\n{part}: {sys.modules[part].__doc__.splitlines()[0]}", flush=True)
            OTHERS[part](bench, self._volumes, self._figures, self._say)

    def _try(self, name, measure):
        """One case that fails must not cost the others."""
        try:
            measure()
        except Problem as problem:
            self._failures.append(f"{name}: {problem}")
            print(f"  {name} FAILED: {problem}", file=sys.stderr)

    def _say(self, text):
        print(f"  {time.monotonic() - self._begun:6.1f} s  {text}", flush=True)

    def _conditions(self):
        conditions = self._volumes.conditions()
        if missing := [part for part in PARTS if part not in self._parts]:
            conditions |= {"without": missing}
        if not self._with_peer:
            conditions |= {"without_peer": True}
        return conditions | ({"failed": self._failures} if self._failures else {})

    def _sum_up(self):
        cases = {case for part in self._parts for case in PARTS[part]}
        if missing := [name for name in self._figures.missing(cases) if self._with_peer or "kafka_streams" not in name]:
            print(f"not measured: {', '.join(missing)}")
        if short := self._figures.short():
            print(f"short of what they must reach: {', '.join(short)}")
        print("".join(f"in doubt: {doubt}\n" for doubt in doubts(self._figures)), end="")
        if self._volumes.conditions():
            print(f"NOT THE WHOLE BENCH: scale {self._volumes.scale:g}, {self._volumes.rounds} rounds; only shows that it works")
        print("\n".join(f"FAILED {failure}" for failure in self._failures) or "everything was measured")
        print(f"{time.monotonic() - self._begun:.0f} s; figures in {self._out}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="cases or figures' first words, with commas between them (default: all)")
    parser.add_argument("--scale", type=float, default=1.0, help="share of all volumes, while developing")
    parser.add_argument("--rounds", type=int, default=3, help="of each measurement; medians are told")
    parser.add_argument("--without-peer", action="store_true", help="without Kafka Streams")
    parser.add_argument("--out", type=Path, default=TREE / "build/bench.json", help="where the figures go")
    parser.add_argument("--folder", type=Path, default=TREE / "build/bench-stack", help="where its servers live")
    return Bench(parser.parse_args()).run()


if __name__ == "__main__":
    raise SystemExit(exit_code_of(main))
