#!/usr/bin/python3
"""`make fuzz SECONDS=600`: libFuzzer on every target, with the corpus of the tree; what is new in it is kept, minimised.

    tests/fuzz/fuzz.py --seconds 600 [TARGET ...]     and a line for each in the results file
    tests/fuzz/fuzz.py --seconds 5 --dry [TARGET ...] neither corpus nor results are changed, as in `make test`

An input that fails is left in build/fuzz/failures; move it into the corpus with the change that makes it pass.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
TREE = HERE.parents[1]
sys.path[:0] = [str(TREE / "tests/evidence"), str(TREE / "stack")]

import evidence  # noqa: E402 found by the path above
from problem import Problem, exit_code_of  # noqa: E402

CORPUS = HERE / "corpus"
FAILURES = TREE / "build/fuzz/failures"
BYTES_MAX = 1024
# An input that takes longer is a failure: the parser of a library, or ours, may go round in circles.
TIMEOUT_SECONDS = 10
# Leaks are looked for in the preset dev; here the search for them can hang for hours after a failure.
ENVIRONMENT = {**os.environ, "ASAN_OPTIONS": "detect_leaks=0:quarantine_size_mb=8"}
_RUNS = re.compile(r"^stat::number_of_executed_units: (\d+)", re.MULTILINE)
_COVERAGE = re.compile(r" cov: (\d+) ft: (\d+) corp: (\d+)")


def targets():
    return sorted(folder.name for folder in CORPUS.iterdir() if folder.is_dir())


def build():
    log = TREE / "build/fuzz.log"
    log.parent.mkdir(exist_ok=True)
    jobs = os.environ.get("JOBS") or str(os.cpu_count() or 1)
    with open(log, "w", encoding="utf-8") as output:
        for command in (["cmake", "--preset", "fuzz"], ["cmake", "--build", "--preset", "fuzz", "-j", jobs]):
            if subprocess.run(command, cwd=TREE, stdout=output, stderr=subprocess.STDOUT, check=False).returncode:
                raise Problem(f"the build of preset fuzz failed: {log.relative_to(TREE)}")


def _drive(target, seconds, folders, *options):
    FAILURES.mkdir(parents=True, exist_ok=True)
    command = [str(TREE / f"build/fuzz/tests/fuzz/fuzz_{target}"), f"-max_total_time={seconds}", f"-max_len={BYTES_MAX}",
               f"-timeout={TIMEOUT_SECONDS}", "-rss_limit_mb=4000", "-print_final_stats=1",
               f"-artifact_prefix={FAILURES}/{target}-", *options, *map(str, folders)]
    return subprocess.run(command, cwd=TREE, env=ENVIRONMENT, capture_output=True, text=True, errors="replace", check=False)


def run(target, seconds, keep):
    """Figures of one run, and what the program said if it failed. `keep`: what is new goes into the corpus."""
    with tempfile.TemporaryDirectory() as fresh:
        done = _drive(target, seconds, [fresh, CORPUS / target])
        runs, coverage = _RUNS.search(done.stderr), _COVERAGE.findall(done.stderr)
        if keep and done.returncode == 0:
            _drive(target, seconds, [CORPUS / target, fresh], "-merge=1")
    figures = {"target": target, "inputs": int(runs[1]) if runs else 0, "failed": int(done.returncode != 0)}
    if coverage:
        figures |= dict(zip(("edges", "features", "corpus"), map(int, coverage[-1])))
    return figures, done.stderr[-4000:] if done.returncode else ""


def smoke(seconds):
    """For `make test`: how many targets passed and failed."""
    build()
    passed = failed = 0
    for target in targets():
        figures, said = run(target, seconds, keep=False)
        print(f"{target:14} {figures['inputs']:>9,} inputs  {'FAILED: ' + said if said else 'ok'}", flush=True)
        passed, failed = passed + (not said), failed + bool(said)
    return passed, failed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("targets", nargs="*", metavar="TARGET")
    parser.add_argument("--seconds", type=int, default=600, help="for each target (default 600)")
    parser.add_argument("--dry", action="store_true", help="change neither the corpus nor the results")
    options = parser.parse_args()
    if options.dry:
        return 1 if smoke(options.seconds)[1] else 0
    build()
    campaign, failed = evidence.Campaign("fuzz"), []
    for target in options.targets or targets():
        started, begun = evidence.now(), time.monotonic()
        figures, said = run(target, options.seconds, keep=True)
        number = evidence.next_from("fuzz")
        seconds = round(time.monotonic() - begun, 1)
        campaign.append({"started": started, "seconds": seconds, "from": number, "to": number, **figures})
        print(f"{target:14} {figures}", flush=True)
        if said:
            failed.append(target)
            print(said, file=sys.stderr)
    if failed:
        raise Problem(f"{', '.join(failed)} failed: the inputs are in {FAILURES.relative_to(TREE)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(exit_code_of(main))
