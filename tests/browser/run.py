#!/usr/bin/python3
"""The tests of the page in a real Chromium, before a whole private stack: `tests/browser/run.py [money.test.mjs …]`, default all."""

import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
TREE = HERE.parents[1]
sys.path.insert(0, str(TREE / "stack"))

from daemons import binary  # noqa: E402 stack/ is no package: its programs are run by path
from problem import Problem, exit_code_of  # noqa: E402
from stack import Stack  # noqa: E402

_PATIENCE_SECONDS = 900
_SIDE_BY_SIDE = 2  # files, each with a browser of its own


def run(names=()):
    """Returns how many passed, were skipped and failed. What failed is printed; all of it is in build/test-results."""
    _install()
    stack = Stack(TREE / "build/browser-stack")
    shutil.rmtree(TREE / "build/screenshots", ignore_errors=True)
    try:
        stack.up(fresh=True, private=True)
        return _run_node(list(names) or sorted(file.name for file in HERE.glob("*.test.mjs")), stack)
    finally:
        stack.down()


def _install():
    """playwright-core as package-lock.json names it; it brings no browser of its own."""
    done = subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=HERE, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Problem(f"npm could not install what tests/browser/package-lock.json names:\n{done.stderr.strip()}")


def _run_node(files, stack):
    environment = {
        "SLUICE_TEST_FRONT": f"http://{stack.ports.address('front')}",
        "SLUICE_TEST_KAFKA": stack.ports.address("kafka"),
        "SLUICE_TEST_SLUICECTL": str(Path(binary("sluicectl")).resolve()),
    }
    with ThreadPoolExecutor(_SIDE_BY_SIDE) as threads:
        told = list(threads.map(lambda file: _run_file(file, environment), files))
    log = TREE / "build/test-results/browser.tap"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text("".join(done.stdout + done.stderr for done in told))
    return tuple(map(sum, zip(*map(_counts, told))))


def _run_file(file, environment):
    command = ["node", "--test", "--test-reporter=tap", file]
    try:
        return subprocess.run(command, cwd=HERE, env={**os.environ, **environment}, capture_output=True, text=True, timeout=_PATIENCE_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise Problem(f"the browser tests of {file} were not done after {_PATIENCE_SECONDS} s") from error


def _counts(done):
    """Passed, skipped, failed. What failed is printed."""
    counts = [int((re.search(rf"^# {name} (\d+)$", done.stdout, re.MULTILINE) or [0, 0])[1]) for name in ("pass", "skipped", "fail", "cancelled")]
    passed, skipped, failed = counts[0], counts[1], counts[2] + counts[3]
    if done.returncode:
        print("\n".join(re.findall(r"^ *not ok .*?^ *\.\.\.$", done.stdout, re.MULTILINE | re.DOTALL)) or done.stdout + done.stderr)
        failed = max(failed, 1)
    return passed, skipped, failed


def main():
    passed, skipped, failed = run(sys.argv[1:])
    print(f"{passed} passed, {failed} failed, {skipped} skipped; pictures are in build/screenshots")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(exit_code_of(main))
