#!/usr/bin/python3
"""One of the jobs that make runs side by side: has servers of its own, takes seeds from standard input, a line each, and tells what came
of each as a line of JSON. It ends with its input, so also when the campaign is killed. `job.py FOLDER_OF_SERVERS`."""

import json
import os
import subprocess
import sys
import time
import traceback
from pathlib import Path

TREE = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(TREE / "stack"), str(TREE)]

FOLDER = TREE / "build/crash"


def run_seed(yard, seed):
    """What came of it, in words and numbers alone. A run that went well leaves nothing; one that failed its logs and `wrong`."""
    from crash_run import CrashRun
    from schedule import faults_of

    run, faults, begun = CrashRun(yard, FOLDER / f"run-{seed}", seed), faults_of(seed), time.monotonic()
    try:
        wrong = run.live_through(faults)
    except Exception:  # whatever it is, the run failed, and the next one goes on
        wrong = [traceback.format_exc()]
    if wrong:
        (run.folder / "wrong").write_text("\n".join(wrong) + "\n", encoding="utf-8")
    else:
        run.remove()
    not_run = [fault.name for fault in faults if getattr(fault, "can_happen", True) is False]
    return {"seed": seed, "wrong": wrong, "seconds": time.monotonic() - begun, "faults": [fault.name for fault in faults], "not_run": not_run,
            "steps": run.hits(), "aborts": run.aborts(), "intents": run.load.acknowledged if run.load else 0}


class Job:
    """A process of this file. The jobs of a campaign are made one after the other, so that their servers get different ports."""

    def __init__(self, number):
        command = [sys.executable, __file__, str(FOLDER / f"yard-{number}")]
        # A session of its own: an interrupt of the campaign lets the runs that are under way come to their end.
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True)
        self._answer()

    def begin(self, seed):
        print(seed, file=self._process.stdin, flush=True)

    def outcome(self):
        """Of the seed that was begun. Waits for it."""
        return self._answer()

    def fileno(self):
        """Readable when there is an outcome."""
        return self._process.stdout.fileno()

    def end(self):
        self._process.stdin.close()
        self._process.wait()

    def _answer(self):
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self._process.args} has ended with {self._process.wait()}")
        return json.loads(line)


def main():
    from yard import Yard

    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what anything else prints is no answer
    folder = Path(sys.argv[1])
    with Yard(folder, apart_from=[other for other in folder.parent.glob("yard-*") if other != folder]) as yard:
        print(json.dumps("ready"), file=answers, flush=True)
        for line in sys.stdin:
            print(json.dumps(run_seed(yard, int(line))), file=answers, flush=True)


if __name__ == "__main__":
    main()
