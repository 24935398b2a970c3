#!/usr/bin/python3
"""`make test`: builds, then runs every test there is, and ends with the sum: "N passed, N failed".

Servers that tests need are a stack of their own in build/test-stack, on ports that nothing else listens on, so that this runs beside
`make up`. ctest's label `broker` marks the tests that talk to these servers; all others need nothing but their own process.
"""

import os
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
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
from problem import Problem, exit_code_of  # noqa: E402
from stack import Stack  # noqa: E402

RESULTS = TREE / "build/test-results"
JOBS = os.environ.get("JOBS") or str(os.cpu_count() or 1)
NEEDS_SERVERS = "broker"
FUZZ_SECONDS = 5  # for each target
PLANTED_BUGS = 5
VOLUME = "volume"  # so many that they run as what is shipped, and alone


@dataclass
class Part:
    name: str
    seconds: float
    passed: int = 0
    skipped: int = 0
    failed: int = 0

    def line(self):
        counts = f"{self.passed} passed, {self.failed} failed" if self.passed + self.failed else "done"
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        return f"  {self.name:34} {self.seconds:6.1f} s  {counts}{skipped}"


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


def run_ctest(name, preset, selection, environment):
    """GoogleTest's own count where a program wrote it, else one a program."""
    begun = time.monotonic()
    folder = _empty(RESULTS / preset / selection[0].strip("-"))
    command = ["ctest", "--test-dir", f"build/{preset}", *selection, "-j", JOBS, "--output-on-failure", "--no-tests=error"]
    done = subprocess.run(
        [*command, "--output-junit", str(folder / "ctest.junit")],
        cwd=TREE,
        env={**os.environ, **environment, "GTEST_OUTPUT": f"xml:{folder}/"},
        check=False,
    )
    part = Part(name, 0)
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
    part.seconds = time.monotonic() - begun
    return part


def run_pytest(environment):
    begun = time.monotonic()
    report = _empty(RESULTS / "pytest") / "pytest.xml"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}", "tests"]
    done = subprocess.run(command, cwd=TREE, env={**os.environ, **environment}, check=False)
    part = Part("Python tests", 0)
    if report.exists():
        _count(part, ElementTree.parse(report).iter("testcase"))
    if done.returncode and not part.failed:
        part.failed = 1
    part.seconds = time.monotonic() - begun
    return part


def run_browser():
    begun = time.monotonic()
    passed, skipped, failed = browser.run()
    return Part("page in Chromium", time.monotonic() - begun, passed, skipped, failed)


def run_models():
    begun = time.monotonic()
    passed, failed = spin_models.run()
    return Part("models (Spin)", time.monotonic() - begun, passed, failed=failed)


def run_mutants():
    begun = time.monotonic()
    passed, failed = mutants.smoke(PLANTED_BUGS, mutants.seed_of_commit())
    return Part("planted bugs", time.monotonic() - begun, passed, failed=failed)


def run_fuzz():
    begun = time.monotonic()
    passed, failed = fuzz.smoke(FUZZ_SECONDS)
    return Part("fuzzing", time.monotonic() - begun, passed, failed=failed)


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


def main():
    os.environ.setdefault("CLICOLOR", "0")
    parts = [build("release"), build("dev")]
    parts.append(run_ctest("C++ (ASan, UBSan)", "dev", ["-LE", f"{NEEDS_SERVERS}|{VOLUME}"], {}))
    parts.append(run_ctest("simulation, small volume (release)", "release", ["-L", VOLUME], {}))
    servers = Stack(TREE / "build/test-stack")
    begun = time.monotonic()
    try:
        servers.up(only=["kafka", "redis", "mariadb"], fresh=True, private=True)
        parts.append(Part("start Kafka, Redis, MariaDB", time.monotonic() - begun))
        parts.append(run_ctest("C++ against real servers (release)", "release", ["-L", NEEDS_SERVERS], servers.environment()))
        parts.append(run_pytest(servers.environment()))
    finally:
        servers.down()
    parts.append(run_browser())
    parts += [run_models(), run_mutants(), run_fuzz()]
    print("\n" + "\n".join(part.line() for part in parts))
    failed = sum(part.failed for part in parts)
    print(f"{sum(part.passed for part in parts)} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(exit_code_of(main))
