"""The ledger's release binary, as the bench runs it: its settings, how far it is, what it costs."""

import os
import re
import shutil
import subprocess
import urllib.request

import yaml

import daemons
from ports import LOOPBACK
from problem import Problem
from process_cost import cost_of
from waiting import wait_for, wait_for_progress

_START_SECONDS = 60
_STALL_SECONDS = 60
_STOP_SECONDS = 30


class LedgerProcess:
    def __init__(self, bench, application, partitions, name="ledger-1"):
        """`name`: also the port's and the folder's, as in the stack; ledger-1 or ledger-2. Begins with no local state."""
        self._bench, self._name = bench, name
        stack = bench.stack
        self._admin = f"http://{stack.ports.address(daemons.admin_port(name))}"
        self.state = stack.folder.data(f"{name}-state")
        self._log = stack.folder.log(name)
        self._said_before = 0  # in the log, by those that ran before
        self._process = None
        settings = {
            "kafka": {"brokers": bench.brokers},
            "topics": {"generation": 1, "partitions": partitions},
            "application": application,
            "instance": name,
            "state": {"directory": str(self.state)},
            "redis": {"host": LOOPBACK, "port": stack.ports["redis"], "password_file": str(stack.folder.secret("redis_password"))},
            "admin": {"address": LOOPBACK, "port": stack.ports[daemons.admin_port(name)]},
        }
        self._settings = stack.folder.write_settings(f"{name}.yaml", yaml.safe_dump(settings))
        self.forget()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()

    def start(self):
        self._said_before = len(self._log.read_text()) if self._log.exists() else 0
        with open(self._log, "a") as log:
            command = [daemons.binary("sluice-ledger"), "--config", str(self._settings)]
            try:
                self._process = subprocess.Popen(command, env={**os.environ, **self._bench.mark}, stdout=log, stderr=subprocess.STDOUT)
            except OSError as error:
                raise Problem(f"{command[0]}: {error.strerror}; `make build` makes it") from error
        return self

    def kill(self):
        """kill -9, as from outside."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def stop(self):
        """As an orchestrator does, so that its partitions are free at once."""
        self._process.terminate()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            raise Problem(f"{self._name} has not ended within {_STOP_SECONDS} s of SIGTERM") from None
        finally:
            self.kill()

    def forget(self):
        """Deletes the local state, but not its folder, which a running ledger has made. REQUIRES: it does not have a partition."""
        for found in self.state.glob("*"):
            shutil.rmtree(found) if found.is_dir() else found.unlink()

    def set_state_aside(self):
        """The same, at once."""
        aside = self.state.with_name(self.state.name + ".aside")
        shutil.rmtree(aside, ignore_errors=True)
        self.state.rename(aside)

    def is_member(self):
        """Whether it has been told by the group which partitions are its."""
        return " assignment " in self._log.read_text()[self._said_before :]

    def cost(self):
        return cost_of(self._process.pid)

    def metric(self, name):
        """The sum over all partitions; 0 while there is none."""
        if self._process.poll() is not None:
            raise Problem(f"{self._name} has ended:{self._bench.stack.folder.last_lines(self._name)}")
        try:
            with urllib.request.urlopen(f"{self._admin}/metrics", timeout=5) as answer:
                text = answer.read().decode()
        except OSError:
            return 0  # not yet
        return sum(float(value) for value in re.findall(rf"^{name}(?:{{[^}}]*}})? (\S+)$", text, re.MULTILINE))

    def decided(self):
        """Intents of all partitions that have their verdict, of this process and of those before it."""
        return int(self.metric("sluice_ledger_next_offset"))

    def wait_until_running(self, lanes):
        wait_for(f"{self._name} to run {lanes} lanes", lambda: self.metric("sluice_ledger_lane_running") == lanes, _START_SECONDS)
        return self

    def wait_until_decided(self, intents, each=None, pause_seconds=0.1):
        wait_for_progress(f"intents that {self._name} decided", self.decided, intents, _STALL_SECONDS, pause_seconds, each)

    def wait_until_shown(self, intents):
        """Until Redis shows what these intents came to."""
        shown = lambda: int(self.metric("sluice_ledger_view_next_offset"))  # noqa: E731
        wait_for_progress(f"intents that {self._name} has shown in Redis", shown, intents, _STALL_SECONDS)
