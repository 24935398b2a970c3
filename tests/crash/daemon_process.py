"""One daemon of a run, kept running as a supervisor would: started again when it dies, each time with the failpoints that have not
happened yet."""

import os
import re
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request

from folder import MARK
from ports import LOOPBACK
from yard import PROGRAMS, wait_until

_WATCH_SECONDS = 0.02
_RESTART_SECONDS = 0.1
_HIT = re.compile(r"^failpoint (\S+): (kill|stop|abort|hang)$", re.MULTILINE)
# What no fault excuses. (An abort inside of RocksDB is told apart by the run: see crash_run.py.)
WRONG = re.compile(r"AddressSanitizer|UndefinedBehavior|runtime error:|CHECK failed|LeakSanitizer")


class DaemonProcess:
    def __init__(self, name, folder, admin_port, mark):
        self.name, self.kind = name, name.rpartition("-")[0] or name
        self._config, self.log_path = folder / f"{name}.yaml", folder / f"{name}.log"
        self._admin, self._mark = f"http://{LOOPBACK}:{admin_port}", mark
        self.armed = []  # "step=action@passing"
        self.own_deaths = []  # exit codes, or signals below zero, that nobody wanted
        self._process, self._wanted, self._lock = None, False, threading.RLock()

    def start(self):
        with self._lock:
            self._wanted = True
            self._spawn()
        threading.Thread(target=self._keep, args=(self._process,), daemon=True).start()

    @property
    def pid(self):
        return self._process.pid

    def alive(self):
        return self._process is not None and self._process.poll() is None

    def kill(self):
        """With SIGKILL, if it lives; it stays dead until start()."""
        with self._lock:
            self._wanted = False
            if self._process is None:
                return
            self._process.kill()
        self._process.wait()

    def stop(self, patience_seconds=20):
        """Politely. Returns its exit code."""
        with self._lock:
            self._wanted = False
            self._process.send_signal(signal.SIGCONT)
            self._process.terminate()
        try:
            return self._process.wait(patience_seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise TimeoutError(f"{self.name} does not stop within {patience_seconds} s") from None

    def freeze(self):
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self):
        self._process.send_signal(signal.SIGCONT)

    def frozen(self):
        try:
            with open(f"/proc/{self.pid}/stat", encoding="utf-8") as file:
                return file.read().rpartition(")")[2].split()[0] == "T"
        except OSError:
            return False

    def said(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def hits(self):
        """(step, action) of every failpoint that happened."""
        return _HIT.findall(self.said())

    def metrics(self):
        """{name{labels}: value}; nothing when it does not answer."""
        try:
            with urllib.request.urlopen(f"{self._admin}/metrics", timeout=1) as answer:
                lines = answer.read().decode().splitlines()
        except (OSError, ValueError):
            return {}
        return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines if not line.startswith("#"))}

    def is_ready(self):
        try:
            with urllib.request.urlopen(f"{self._admin}/readyz", timeout=1) as answer:
                return answer.status == 200
        except OSError:
            return False

    def lanes(self):
        """The partitions that it decides."""
        if not self.alive() or self.frozen():
            return set()
        found = (re.fullmatch(r'sluice_ledger_lane_running\{.*partition="(\d+)".*\}', name) for name, value in self.metrics().items() if value == 1)
        return {int(match[1]) for match in found if match}

    def _spawn(self):
        happened = {f"{step}={action}" for step, action in self.hits()}
        left = [armed for armed in self.armed if armed.partition("@")[0] not in happened]
        environment = {**os.environ, MARK: str(self._mark), "SLUICE_FAILPOINTS": ",".join(left)}
        environment["ASAN_OPTIONS"] = "detect_leaks=0:handle_abort=0:disable_coredump=1"
        with open(self.log_path, "a", encoding="utf-8") as log:
            command = [str(PROGRAMS / f"sluice-{self.kind}"), "--config", str(self._config)]
            self._process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)

    def _keep(self, process):
        while True:
            code = process.wait()
            with self._lock:
                if not self._wanted or self._process is not process:
                    return
                hits = self.hits()
                if not (code == -signal.SIGKILL and hits and hits[-1][1] == "kill"):
                    self.own_deaths.append(code)
            time.sleep(_RESTART_SECONDS)
            with self._lock:
                if not self._wanted or self._process is not process:  # somebody has started it meanwhile
                    return
                self._spawn()
                process = self._process
