"""Memory that the host of a virtual machine has given must not go back to it in the middle of a bench."""

import mmap
from contextlib import contextmanager

_MIB = 1 << 20
_BLOCK = 2 * _MIB  # what a guest reports as free, and the host takes back, in one piece
_MOST = 8 << 30


def _available():
    with open("/proc/meminfo", encoding="ascii") as lines:
        words = {name: value for name, value in (line.split(":") for line in lines)}
    return int(words["MemAvailable"].split()[0]) << 10


@contextmanager
def backed_memory():
    """Touches a third of the free memory, 8 GiB at most, and frees it again but for the beginning of each block.

    Free page reporting (Linux, mm/page_reporting.c) tells the host of whole free blocks only. Without this, each process paid for the
    pages that the one before had freed, 4 ms for 2 MiB in such a machine: the more memory one needs the more, and not in every round.
    """
    length = min(_MOST, _available() // 3) // _BLOCK * _BLOCK
    with mmap.mmap(-1, length) as memory:
        memory.madvise(mmap.MADV_NOHUGEPAGE)
        for page in range(0, length, mmap.PAGESIZE):
            memory[page] = 1
        for block in range(0, length, _BLOCK):
            memory.madvise(mmap.MADV_DONTNEED, block + mmap.PAGESIZE, _BLOCK - mmap.PAGESIZE)
        yield length
