"""Runs the check as its user does, on a history that a scribe wrote."""

import json
import pathlib
import re
import subprocess
import sys
from dataclasses import dataclass

TOP = pathlib.Path(__file__).resolve().parent.parent.parent

ZEROS = {"oversold": 0, "lost": 0, "doubled": 0, "redis_drift": 0, "mysql_drift": 0, "money": 0}


@dataclass
class Checked:
    exit_code: int
    output: str
    numbers: dict

    def __getattr__(self, name):
        return self.numbers[name]

    def wrong(self):
        """The numbers that are not zero, of those that must be."""
        return {name: self.numbers[name] for name in ZEROS if self.numbers[name]}


def run_check(*arguments):
    done = subprocess.run([sys.executable, "-m", "audit", *map(str, arguments)], cwd=TOP, capture_output=True, text=True,
                          timeout=120, check=False)
    last = (done.stdout.splitlines() or [""])[-1]
    assert last.startswith("verdict: "), done.stdout + done.stderr
    numbers = {name: int(value) for name, value in re.findall(r"(\w+)=(\d+)", last)}
    return Checked(done.returncode, done.stdout, numbers)


def check(folder, scribe, logs=None, stores=None, journal=None):
    """Each argument replaces what the scribe has."""
    (logs or scribe.flush().logs).save(folder / "logs")
    (stores or scribe.stores()).save(folder / "stores")
    lines = scribe.journal if journal is None else journal
    (folder / "journal").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return run_check("--logs", folder / "logs", "--stores", folder / "stores", "--journal", folder / "journal", "--json",
                     folder / "summary")
