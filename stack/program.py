"""What the supervisor is told about one process of the stack, and what comes before its first start."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from folder import MARK
from problem import Problem

# Stages: started in ascending order, stopped in descending order; within a stage all at once.
SERVERS, DAEMONS, FRONT = 10, 50, 90


@dataclass(frozen=True)
class Program:
    name: str
    command: list[str]
    stage: int
    # None when it can do its work; else what is still missing, in a few words.
    problem: Callable[[], str | None]
    ports: list[str] = field(default_factory=list)
    working_folder: Path | None = None
    stop_signal: str = "TERM"
    stop_seconds: int = 10
    # A daemon that ended is not started again while this file exists.
    hold: Path | None = None


class FirstData:
    """Makes a server's first data beside their place and moves them there when they are whole. REQUIRES: `place` does not exist."""

    def __init__(self, folder, name, place, command_for):
        """`command_for(path)`: the command that makes the data at `path`."""
        self._name, self._place = name, place
        self._fresh = place.with_name(place.name + ".being-made")
        shutil.rmtree(self._fresh, ignore_errors=True)
        self._process = subprocess.Popen(
            command_for(self._fresh),
            env={**os.environ, MARK: str(folder.path)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def finish(self):
        words, _ = self._process.communicate()
        if self._process.returncode:
            raise Problem(f"the first data of {self._name} could not be made:\n{words.decode(errors='replace').strip()}")
        self._fresh.rename(self._place)


def this_user():
    return pwd.getpwuid(os.getuid()).pw_name
