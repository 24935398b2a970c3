"""What goes wrong in the demo's rush: the ledger that owns the first SKU is stopped amid its work and killed, and one ingest is killed."""

import os
import signal
import time
from dataclasses import dataclass

from daemons import INGESTS, LEDGERS, TOPICS
from ledger_lanes import owner_of
from problem import Problem
from rush_log import RushLog

# The owner is stopped when so many are appended and every SKU's slot has opened, whose delay is to be told without an outage.
_BEGUN_INTENTS = 50
_PAUSE_SECONDS = 0.002


@dataclass
class Damage:
    ledger: str = ""
    undecided: int = 0
    successor: str = ""
    # From the kill, and from when the ledger was stopped: the group misses it from then on.
    takeover_seconds: float = 0.0
    stopped_seconds: float = 0.0
    ingest: str = ""


class Rush:
    """`undecided_wanted`: how many intents must be appended and undecided when the ledger dies. `say(text)`: tells the audience."""

    def __init__(self, stack, skus, partition, undecided_wanted, ingest_number, say):
        self._stack, self._skus, self._partition, self._wanted, self._say = stack, skus, partition, undecided_wanted, say
        self.damage = Damage(ingest=INGESTS[ingest_number])

    def run(self, alive):
        """Returns when the other ledger has taken over and the dead one may come back. `alive()`: whether there are still buyers."""
        log = RushLog(self._stack.ports.address("kafka"), TOPICS["partitions"])
        try:
            self._kill_ledger(log, alive)
        finally:
            log.close()
        self._kill_ingest()
        self._wait_for_successor()

    def _kill_ledger(self, log, alive):
        before = log.appended(self._partition)
        self.damage.ledger = owner_of(self._partition, self._stack.ports)
        if not self.damage.ledger:
            raise Problem(f"no ledger runs partition {self._partition}: see {self._stack.folder.path / 'log'}")
        pid = self._stack.supervision.states()[self.damage.ledger]["pid"]
        self._wait_until(lambda: log.appended(self._partition) >= before + _BEGUN_INTENTS, alive, "no buyer's intent reaches the log")
        self._wait_until(lambda: log.opened().issuperset(self._skus), alive, "a slot does not open")
        # Held back wherever it is, mostly amid a transaction, until enough wait for it.
        os.kill(pid, signal.SIGSTOP)
        self._stopped_at = time.monotonic()
        try:
            self._wait_until(lambda: log.undecided() >= self._wanted, alive, f"fewer than {self._wanted} undecided intents came together")
            self._stack.folder.hold(self.damage.ledger).touch()
        finally:
            os.kill(pid, signal.SIGKILL)
        self._killed_at = time.monotonic()
        self.damage.undecided = log.undecided()
        self._say(f"killed {self.damage.ledger}, owner of partition {self._partition}, with {self.damage.undecided:,} intents undecided")

    def _kill_ingest(self):
        os.kill(self._stack.supervision.states()[self.damage.ingest]["pid"], signal.SIGKILL)
        self._say(f"killed {self.damage.ingest}")

    def _wait_for_successor(self):
        others = [name for name in LEDGERS if name != self.damage.ledger]
        hold = self._stack.folder.hold(self.damage.ledger)
        try:
            self._wait_until(
                lambda: owner_of(self._partition, self._stack.ports, others), lambda: True, f"no other ledger took partition {self._partition} over"
            )
        finally:
            hold.unlink(missing_ok=True)
        self.damage.successor = others[0]
        now = time.monotonic()
        self.damage.takeover_seconds, self.damage.stopped_seconds = now - self._killed_at, now - self._stopped_at
        self._say(f"{self.damage.successor} took over after {self.damage.takeover_seconds:.1f} s; {self.damage.ledger} may come back")

    def _wait_until(self, true, alive, failure, patience_seconds=30):
        until = time.monotonic() + patience_seconds
        while not true():
            if time.monotonic() > until or not alive():
                raise Problem(f"{failure}: see {self._stack.folder.path / 'log'}")
            time.sleep(_PAUSE_SECONDS)
