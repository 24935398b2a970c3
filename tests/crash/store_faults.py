"""Faults of a ledger's local store: deleted, damaged, and no room for it."""

import errno
import os
import re
import shutil

from faults import Fault
from small_disk import SmallDisk
from yard import wait_until

_DISK_MIB = 256


def owner_and_partition(run):
    """A ledger of the first two and a partition that it decides. Waits until there is one."""
    found = []

    def find():
        found[:] = [(ledger, partition) for ledger in run.ledgers if ledger.name != "ledger-3" for partition in sorted(ledger.lanes())]
        return found

    wait_until(find, "no ledger decides anything", 60)
    return run.dice.choice(found)


class StoreDeleted(Fault):
    name = "store deleted"

    def strike(self, run):
        ledger, partition = owner_and_partition(run)
        folder = run.state(ledger) / str(partition)
        if run.dice.random() < 0.5:
            ledger.kill()
            shutil.rmtree(folder)
            ledger.start()
        else:
            shutil.rmtree(folder, ignore_errors=True)  # under its feet
            ledger.kill()
            ledger.start()


class FlippedBits(Fault):
    """Some bits of a file of the store are flipped while its ledger is dead. `pattern`: of the file's name."""

    def __init__(self, kind, pattern):
        self.name, self._pattern = f"flipped bits in {kind}", re.compile(pattern)

    def strike(self, run):
        run.aborts_are_expected = True
        for _ in range(3):
            ledger, partition = owner_and_partition(run)
            folder = run.state(ledger) / str(partition)
            wait_until(lambda: run.decided(partition, [ledger]) > 0, "nothing is decided", 30)
            try:
                wait_until(lambda: self._file(folder), self.name, 5)
            except TimeoutError:
                pass  # a ledger that catches up after a start logs nothing, and one that does not may not have flushed: a start does
            ledger.kill()
            if file := self._file(folder):
                break
            ledger.start()
            run.wait_whole()
        else:
            raise AssertionError(f"{self.name}: no such file in the store")
        self._flip(run, file)
        ledger.start()

    def _file(self, folder):
        try:
            found = [(entry.stat().st_size, entry.path) for entry in os.scandir(folder) if self._pattern.fullmatch(entry.name)]
        except FileNotFoundError:  # of the store, or one that RocksDB has just deleted
            return None
        size, path = max(found, default=(0, None))
        return path if size else None

    def _flip(self, run, path):
        content = bytearray(open(path, "rb").read())
        places = [run.dice.randrange(len(content)) for _ in range(run.dice.choice((1, 4, 16)))]
        for place in places:
            content[place] ^= 1 << run.dice.randrange(8)
        with open(path, "r+b") as file:
            file.write(content)
        run.note(f"{self.name}: {path} at {places} of {len(content)}")


class FullDisk(Fault):
    """The second ledger's stores are on a small disk, which somebody else fills: nearly, or to the last byte at once."""

    name = "full disk"

    def prepare(self, run):
        self._ledger = run.daemons["ledger-2"]
        self._place = run.state(self._ledger)
        self._place.mkdir()
        self._disk = SmallDisk(self._place, _DISK_MIB)
        self.can_happen = self._disk.refusal is None

    def strike(self, run):
        if not self.can_happen:
            run.note(f"NOT RUN: a small disk cannot be mounted here, which takes root or sudo: {self._disk.refusal}")
            return
        if self._ledger.frozen():  # another fault of this run has met it at its start, and comes again when it is its turn
            self._ledger.thaw()
        run.aborts_are_expected = True
        to_the_last_byte = run.dice.random() < 0.3
        run.note("to the last byte" if to_the_last_byte else "nearly")
        self._fill(0 if to_the_last_byte else 6 << 20)
        wait_until(lambda: self._ledger.metrics().get("sluice_ledger_disk_full") == 1, "the ledger does not see that its disk is full", 30)
        (self._place / "filler").unlink()

    def clear_away(self, run):
        self._disk.clear_away()

    def _fill(self, left):
        with open(self._place / "filler", "wb") as file:
            while True:
                disk = os.statvfs(self._place)
                try:
                    os.posix_fallocate(file.fileno(), 0, max(1, disk.f_bavail * disk.f_frsize - left))
                    return
                except OSError as error:  # the ledger was quicker
                    if error.errno != errno.ENOSPC:
                        raise
