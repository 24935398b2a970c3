#!/usr/bin/python3
"""`make test`: builds, then runs every test there is, and ends with the sum: "N passed, N failed".

The tests run in two lanes side by side. One waits: for servers, sessions, browsers and deadlines. The other one only computes, and
steps back where the first needs a core. What a part says is in build/test-results/PART.log, and on the screen if it fails.

Servers that tests need are a stack of their own in build/test-stack, on ports that nothing else listens on, so that this runs beside
`make up`. ctest's label `broker` marks the tests that talk to these servers; all others need nothing but their own process.
"""

import multiprocessing
import os
import re
import shutil
import subprocess
import sys
import time
import traceback
import xml.etree.ElementTree as ElementTree
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

TREE = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TREE / "stack"))
sys.path.insert(0, str(TREE / "tests/browser"))
for folder in ("fuzz", "model", "mutants"):
    sys.path.insert(0, str(TREE / "tests" / folder))

import fuzz  # noqa: E402 stack/ and the folders of tests/ are no packages: their programs are run by path
import mutants  # noqa: E402
import run as browser  # noqa: E402
import spin_models  # noqa: E402
from kafka_server import SHORT_LIFE  # noqa: E402
from problem import Problem, exit_code_of  # noqa: E402
from stack import Stack  # noqa: E402

RESULTS = TREE / "build/test-results"
JOBS = os.environ.get("JOBS") or str(os.cpu_count() or 1)
NEEDS_SERVERS = "broker"
CRASH_RUNS = "tests/crash"
FUZZ_SECONDS = 5  # for each target
PLANTED_BUGS = 5
VOLUME = "volume"  # so many that they run as what is shipped
STEP_BACK = 10  # of nice(2): a tenth of the share of a program that waits


@dataclass
class Part:
    name: str
    seconds: float = 0
    passed: int = 0
    skipped: int = 0
    failed: int = 0

    def line(self):
        counts = f"{self.passed} passed, {self.failed} failed" if self.passed + self.failed else "done"
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        return f"  {self.name:34} {self.seconds:6.1f} s  {counts}{skipped}"


class Lane:
    """Parts one after the other."""

    def __init__(self):
        self.parts = []

    @contextmanager
    def part(self, name):
        """What is said within goes to the part's log. An exception is one failure: the parts after it say more."""
        part, begun = Part(name), time.monotonic()
        log = RESULTS / (re.sub(r"\W+", "-", name.lower()).strip("-") + ".log")
        with _said_to(log):
            try:
                yield part
            except Exception as error:
                part.failed += 1
                print(f"error: {error}" if isinstance(error, Problem) else traceback.format_exc())
        part.seconds = time.monotonic() - begun
        self.parts.append(part)
        print("\n".join([part.line(), *([log.read_text(errors="replace")] if part.failed else [])]), flush=True)


@contextmanager
def _said_to(log):
    """What this process and its children say."""
    before = [os.dup(1), os.dup(2)]
    with open(log, "w") as file:
        for descriptor in (1, 2):
            os.dup2(file.fileno(), descriptor)
    try:
        yield
    finally:
        sys.stdout.flush()
        for descriptor, screen in enumerate(before, 1):
            os.dup2(screen, descriptor)
            os.close(screen)


def build(preset):
    """A build that fails ends everything: tests of the build before would be misleading."""
    begun = time.monotonic()
    for command in (["cmake", "--preset", preset], ["cmake", "--build", "--preset", preset, "-j", JOBS]):
        log = TREE / "build" / f"{preset}-{'build' if '--build' in command else 'configure'}.log"
        with open(log, "w") as output:
            done = subprocess.run(command, cwd=TREE, stdout=output, stderr=subprocess.STDOUT, check=False)
        if done.returncode:
            print("\n".join(log.read_text().splitlines()[-60:]), file=sys.stderr)
            raise Problem(f"the build of {preset} failed: its end is above, all of it in {log.relative_to(TREE)}")
    return Part(f"build {preset}", time.monotonic() - begun)


def run_ctest(part, preset, selection, environment=None):
    """GoogleTest's own count where a program wrote it, else one a program."""
    folder = _empty(RESULTS / preset / selection[-1].replace("|", "-"))
    # ctest keeps notes where it starts; two that run at once must not share them.
    (folder / "CTestTestfile.cmake").write_text(f'subdirs("{TREE / "build" / preset}")\n')
    command = ["ctest", "--test-dir", str(folder), *selection, "-j", JOBS, "--output-on-failure", "--no-tests=error"]
    done = subprocess.run(
        [*command, "--output-junit", str(folder / "ctest.junit")],
        cwd=TREE,
        env={**os.environ, **(environment or {}), "GTEST_OUTPUT": f"xml:{folder}/"},
        check=False,
    )
    for case in ElementTree.parse(folder / "ctest.junit").iter("testcase"):
        cases = folder / f"{case.get('name')}.xml"
        if case.get("status") == "run" and cases.exists():
            _count(part, ElementTree.parse(cases).iter("testcase"))
        elif case.get("status") == "run":
            part.passed += 1
        elif cases.exists():
            before = part.failed
            _count(part, ElementTree.parse(cases).iter("testcase"))
            part.failed = max(part.failed, before + 1)  # a sanitizer can fail a program after its last test
        else:
            part.failed += 1
    if done.returncode and not part.failed:  # such as a label that no test has
        part.failed = 1


def run_pytest(part, *selection, environment=None):
    report = RESULTS / f"{part.name.replace(' ', '-')}.xml"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}", *selection]
    done = subprocess.run(command, cwd=TREE, env={**os.environ, **(environment or {})}, check=False)
    if report.exists():
        _count(part, ElementTree.parse(report).iter("testcase"))
    if done.returncode and not part.failed:
        part.failed = 1


def _count(part, cases):
    for case in cases:
        if case.find("failure") is not None or case.find("error") is not None:
            part.failed += 1
        elif case.find("skipped") is not None or case.get("result") == "skipped":
            part.skipped += 1
        else:
            part.passed += 1


def _empty(folder):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def tests_that_wait():
    """What waits most of its time, and fails where it waits too long."""
    lane, servers = Lane(), Stack(TREE / "build/test-stack")
    with lane.part("C++ (ASan, UBSan)") as part:
        run_ctest(part, "dev", ["-LE", f"{NEEDS_SERVERS}|{VOLUME}"])
    try:
        with lane.part("start Kafka, Redis, MariaDB") as start:
            servers.up(only=["kafka", "redis", "mariadb"], fresh=True, private=True)
        if not start.failed:
            with lane.part("C++ against real servers (release)") as part:
                run_ctest(part, "release", ["-L", NEEDS_SERVERS], servers.environment())
            with lane.part("Python tests") as part:
                run_pytest(part, "tests", f"--ignore={CRASH_RUNS}", environment=servers.environment())
    finally:
        servers.down()
    with lane.part("page in Chromium") as part:
        part.passed, part.skipped, part.failed = browser.run()
    with lane.part("crash runs") as part:
        run_pytest(part, CRASH_RUNS)
    return lane.parts


def tests_that_compute():
    """What needs nothing but a core, and for which no time is too long."""
    os.nice(STEP_BACK)
    lane = Lane()
    with lane.part("simulation, small volume (release)") as part:
        run_ctest(part, "release", ["-L", VOLUME])
    with lane.part("models (Spin)") as part:
        part.passed, part.failed = spin_models.run()
    with lane.part("planted bugs") as part:
        part.passed, part.failed = mutants.smoke(PLANTED_BUGS, mutants.seed_of_commit())
    with lane.part("fuzzing") as part:
        part.passed, part.failed = fuzz.smoke(FUZZ_SECONDS)
    return lane.parts


def _compute_for(parent):
    with suppress(KeyboardInterrupt):  # the parent says so
        parent.send(tests_that_compute())


def run_lanes():
    """Both, side by side: this process waits, a child computes."""
    fork = multiprocessing.get_context("fork")
    answer, told = fork.Pipe(duplex=False)
    computing = fork.Process(target=_compute_for, args=(told,))
    computing.start()
    told.close()
    try:
        return tests_that_wait() + answer.recv()
    except EOFError as error:
        raise Problem("the tests that compute have ended without a result: what they said last is in build/test-results") from error
    finally:
        computing.join()


def main():
    os.environ.update(SHORT_LIFE, CLICOLOR=os.environ.get("CLICOLOR", "0"))
    parts = [build("release"), build("dev")]
    print("\n".join(part.line() for part in parts), flush=True)
    _empty(RESULTS)
    parts += run_lanes()
    failed = sum(part.failed for part in parts)
    print("\n" + "\n".join(part.line() for part in parts))
    print(f"{sum(part.passed for part in parts)} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(exit_code_of(main))
