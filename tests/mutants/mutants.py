#!/usr/bin/python3
"""`make mutants`: plants every bug of this folder, one after the other, and lets the oracles look for it. See README.md.

    tests/mutants/mutants.py                    those that no line in the results file says were found in the code as it is
    tests/mutants/mutants.py NAME ...           these, without a line
    tests/mutants/mutants.py --some 5 --seed 7  every patch must apply, and five of those that were found before, by the
                                                seed, are looked for again, as in `make test`
"""

import argparse
import os
import random
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "tests/evidence")]

import evidence  # noqa: E402 found by the path above
from oracles import AUDIT, ask, target_of  # noqa: E402
from planting import RELEASE, TREE, plant, problem_with, program_of, read_mutants  # noqa: E402
from problem import Problem, exit_code_of  # noqa: E402 found by planting's path

CAMPAIGN = "mutants"
LEAST = 60


def build(oracles):
    jobs = os.environ.get("JOBS") or str(os.cpu_count() or 1)
    command = ["cmake", "--build", "--preset", "release", "-j", jobs, "--target", *sorted(map(target_of, oracles))]
    if subprocess.run(command, cwd=TREE, capture_output=True, check=False).returncode:
        raise Problem(f"{' '.join(command)} failed")
    for oracle in sorted(oracles):  # else it finds everything
        verdict = ask(oracle, program_of(target_of(oracle)))
        if verdict.found:
            raise Problem(f"{oracle} fails without any planted bug: {verdict.how}")


def oracles_of(mutants):
    return {oracle for mutant in mutants for oracle in mutant.oracles} - {AUDIT}


def look_for(mutant):
    """The first oracle that finds it and its verdict; none and the last one's."""
    verdict = None
    for oracle in mutant.oracles:
        if oracle == AUDIT:
            continue
        verdict = ask(oracle, plant(mutant, target_of(oracle)))
        if verdict.found:
            return oracle, verdict
    return None, verdict


def _line(mutant, oracle, verdict):
    if oracle is None:
        return f"  NOT FOUND {mutant.name}: {mutant.what} The last oracle: {verdict.how}."
    return f"  {mutant.name:38} {oracle:18} {verdict.seconds:6.1f} s  {verdict.how}"


def _some(mutants, count, seed):
    return sorted(random.Random(seed).sample(mutants, min(count, len(mutants))), key=lambda mutant: mutant.name)


def smoke(count, seed):
    """For `make test`: how many were found or apply, and how many not."""
    mutants = read_mutants()
    applied = [mutant for mutant in mutants if not _told(problem_with(mutant))]
    found = {piece["mutant"] for piece in evidence.pieces(CAMPAIGN) if not piece["failed"]}
    chosen = _some([mutant for mutant in applied if mutant.name in found], count, seed)
    print(f"{len(applied)} of {len(mutants)} planted bugs apply; {len(chosen)} of {len(found)} found before, by seed {seed}:")
    build(oracles_of(chosen))
    passed, failed = len(applied), len(mutants) - len(applied) + (len(mutants) < LEAST) + (len(chosen) < count)
    for mutant in chosen:
        oracle, verdict = look_for(mutant)
        print(_line(mutant, oracle, verdict), flush=True)
        failed += oracle is None
    return passed, failed


def _told(problem):
    if problem:
        print(problem, file=sys.stderr)
    return problem


def seed_of_commit():
    """Another five with every commit, and the same five for whoever looks at one again."""
    return int(evidence.commit()[:8], 16)


def _run_all(mutants, keep):
    found = {piece["mutant"] for piece in evidence.current(CAMPAIGN) if not piece["failed"]} if keep else set()
    names = [mutant.name for mutant in read_mutants()]
    left = [mutant for mutant in mutants if mutant.name not in found]
    campaign = evidence.Campaign(CAMPAIGN) if keep else None
    if left:
        build(oracles_of(left))
    lost = []
    for mutant in left:
        started, begun, number = evidence.now(), time.monotonic(), names.index(mutant.name) + 1
        oracle, verdict = look_for(mutant)
        print(_line(mutant, oracle, verdict), flush=True)
        if oracle is None:
            lost.append(mutant.name)
        if campaign:
            campaign.append({
                "started": started, "seconds": round(time.monotonic() - begun, 1), "from": number, "to": number,
                "mutant": mutant.name, "found_by": oracle, "how": verdict.how, "seeds": verdict.seeds,
                "failed": int(oracle is None)})
    print(f"{len(left) - len(lost)} found, {len(lost)} not, {len(mutants) - len(left)} were found before in this code")
    if lost:
        raise Problem(f"not found: {', '.join(lost)}. Make the oracle see it, or show that it breaks nothing")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--some", type=int, metavar="N", help="only so many, by the seed")
    parser.add_argument("--seed", type=int, help="default: of the commit")
    options = parser.parse_args()
    if not (RELEASE / "build.ninja").exists():
        raise Problem("there is no release build: run `make build`")
    if options.some is not None:
        return 1 if smoke(options.some, seed_of_commit() if options.seed is None else options.seed)[1] else 0
    mutants = read_mutants()
    if unknown := set(options.names) - {mutant.name for mutant in mutants}:
        raise Problem(f"no planted bug {', '.join(sorted(unknown))}")
    if problems := [mutant.name for mutant in mutants if _told(problem_with(mutant))]:
        raise Problem(f"these patches do not apply: {', '.join(problems)}")
    _run_all([mutant for mutant in mutants if not options.names or mutant.name in options.names], keep=not options.names)
    return 0


if __name__ == "__main__":
    raise SystemExit(exit_code_of(main))
