"""The processes of a stack, found by what they carry and not by who started them, and their end."""

import os
import select
import signal
import time
from pathlib import Path

from folder import MARK

# nginx is started in this folder of the data.
NGINX_FOLDER = "front"


def processes_of(folder):
    """Process ids of everything that belongs to the stack in `folder`, but not this process."""
    mark = f"{MARK}={folder.path}".encode()
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        if int(process.name) == os.getpid():
            continue
        try:
            if mark in (process / "environ").read_bytes().split(b"\0") or _is_nginx_of(folder, process):
                found.append(int(process.name))
        except OSError:
            continue  # ended meanwhile, or another user's
    return found


def _is_nginx_of(folder, process):
    """nginx writes its title over its environment; it is known by the folder that it was started in."""
    return (process / "comm").read_text().strip() == "nginx" and os.readlink(process / "cwd") == str(folder.data(NGINX_FOLDER))


def end_leftovers(folder, patience_seconds=10):
    """Ends what is left of the stack: politely first, after `patience_seconds` with SIGKILL. Returns how many there were."""
    ended = set()
    for signal_number, seconds in ((signal.SIGTERM, patience_seconds), (signal.SIGKILL, 5), (signal.SIGKILL, 5)):
        pids = processes_of(folder)
        if not pids:
            break
        ended.update(pids)
        _end(pids, signal_number, seconds)
    return len(ended)


def _end(pids, signal_number, seconds):
    """Signals by descriptor, so that a process id that was given away meanwhile is not hit; waits for the ends."""
    descriptors = []
    for pid in pids:
        try:
            descriptor = os.pidfd_open(pid)
            descriptors.append(descriptor)
            signal.pidfd_send_signal(descriptor, signal_number)
        except ProcessLookupError:
            continue
    open_ends = select.poll()
    for descriptor in descriptors:
        open_ends.register(descriptor, select.POLLIN)
    waiting, until = set(descriptors), time.monotonic() + seconds
    while waiting and (left := until - time.monotonic()) > 0:
        for descriptor, _ in open_ends.poll(left * 1000):
            open_ends.unregister(descriptor)
            waiting.discard(descriptor)
    for descriptor in descriptors:
        os.close(descriptor)
