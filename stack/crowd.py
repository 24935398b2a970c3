"""sluice-buyers as a part of a program: what it is told, and what it says on the way."""

import json
import os
import subprocess
import threading

from daemons import binary
from folder import MARK
from problem import Problem
from tokens import TokenIssuer, read_secret, write_tokens

_CONNECTIONS = 512


class Crowd:
    """`words`: options of sluice-buyers besides those about the stack, e.g. {"buyers": 5000, "seconds": 2, "go-on": True}; an option that is
    True has no value. `show(tally)` is called with each line that it says."""

    def __init__(self, stack, words, show=lambda _tally: None, door="front"):
        self.tally = None
        self._show = show
        self.journal = stack.folder.run("journal.jsonl")
        tokens = stack.folder.run("tokens")
        write_tokens(TokenIssuer(read_secret(stack.folder.secret("jwt_hs256"))), words["buyers"], tokens)
        words = {"front": f"http://{stack.ports.address(door)}", "tokens": tokens, "journal": self.journal} | words
        words.setdefault("connections", min(_CONNECTIONS, words["buyers"]))
        command = [binary("sluice-buyers")]
        for name, value in words.items():
            command += [f"--{name}"] if value is True else [f"--{name}", str(value)]
        self._errors = open(stack.folder.log("buyers"), "a")
        self._process = subprocess.Popen(
            command, env={**os.environ, MARK: str(stack.folder.path)}, stdout=subprocess.PIPE, stderr=self._errors, text=True
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def alive(self):
        return self._process.poll() is None

    def wait(self, patience_seconds):
        """Its exit code."""
        try:
            code = self._process.wait(patience_seconds)
        except subprocess.TimeoutExpired:
            raise Problem(f"the buyers are not done after {patience_seconds} s") from None
        self._reader.join()
        if self.tally is None or not self.tally["final"]:
            raise Problem(f"sluice-buyers ended with code {code} and without a last tally: see {self._errors.name}")
        return code

    def _read(self):
        for line in self._process.stdout:
            self.tally = json.loads(line)
            self._show(self.tally)
