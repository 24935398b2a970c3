"""Waits that end: each names what it waited for."""

import time

from problem import Problem


def wait_for(what, holds, seconds, pause_seconds=0.02):
    """Returns what `holds()` returned when that was true."""
    until = time.monotonic() + seconds
    while not (found := holds()):
        if time.monotonic() > until:
            raise Problem(f"{what}: waited for {seconds:g} s in vain")
        time.sleep(pause_seconds)
    return found


def wait_for_progress(what, count, wanted, stall_seconds, pause_seconds=0.1, each=None):
    """Until count() >= wanted. Gives up when the count stands still for `stall_seconds`. `each(count)`: at every look."""
    reached, since = -1, time.monotonic()
    while True:
        now = count()
        if each:
            each(now)
        if now >= wanted:
            return
        if now > reached:
            reached, since = now, time.monotonic()
        if time.monotonic() > since + stall_seconds:
            raise Problem(f"{what}: {max(reached, 0):,} of {wanted:,}, and no more for {stall_seconds:g} s")
        time.sleep(pause_seconds)
