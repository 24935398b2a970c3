"""What a process has cost so far, and how busy the machine was, as the kernel tells it."""

import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Cost:
    cpu_seconds: float  # of all its threads, user and system
    resident_kib: int
    peak_kib: int


def cost_of(pid):
    status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return Cost(time.clock_gettime(_cpu_clock_of(pid)), int(status["VmRSS"].split()[0]), int(status["VmHWM"].split()[0]))


def _cpu_clock_of(pid):
    """clock_getcpuclockid(3): utime + stime of /proc/PID/stat, in nanoseconds where that counts in hundredths of a second."""
    return (~pid << 3) | 2


class MachineBusy:
    """How much of all cores' time was used since this was made."""

    def __init__(self):
        self._all, self._idle = _jiffies()

    def share(self):
        everything, idle = _jiffies()
        return 1 - (idle - self._idle) / max(1, everything - self._all)


def _jiffies():
    """Of all cores since the machine's start: in all, and without work, proc(5). Guests' time is in their host's already."""
    numbers = [int(word) for word in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    return sum(numbers), numbers[3] + numbers[4]
