"""The ports of a stack: ports.yaml, moved by environment variables."""

import errno
import os
import random
import socket
from pathlib import Path

import yaml

from problem import Problem

FILE = Path(__file__).with_name("ports.yaml")
LOOPBACK = "127.0.0.1"
# Offsets that a private stack tries, in random order, because others may be choosing at the same time. All of its ports stay below
# those that Linux gives to clients (32768 and up).
PRIVATE_OFFSETS = range(1000, 12000, 7)


class Ports:
    """Port numbers by name, e.g. ports["kafka"]."""

    def __init__(self, numbers, purposes):
        self._numbers = numbers
        self._purposes = purposes

    @classmethod
    def read(cls, environment=os.environ, offset=None):
        """`offset`: instead of SLUICE_PORT_OFFSET and the single overrides."""
        listed = yaml.safe_load(FILE.read_text())
        numbers = {}
        for name, entry in listed.items():
            if offset is None:
                chosen = _number(environment, variable(name))
                numbers[name] = chosen or entry["port"] + (_number(environment, "SLUICE_PORT_OFFSET") or 0)
            else:
                numbers[name] = entry["port"] + offset
            if not 0 < numbers[name] < 65536:
                raise Problem(f"port {numbers[name]} for {name} is outside 1..65535: change SLUICE_PORT_OFFSET")
        return cls(numbers, {name: entry["what"] for name, entry in listed.items()})

    @classmethod
    def private(cls, apart_from=()):
        """The first set that nothing listens on, for tests and benches that run beside a stack. It shares no port with the sets in
        `apart_from`, whose programs may not listen all the time."""
        others = {number for ports in apart_from for number in ports._numbers.values()}
        for offset in random.sample(PRIVATE_OFFSETS, 100):
            ports = cls.read(offset=offset)
            if not any(number in others or _taken(number) for number in ports._numbers.values()):
                return ports
        raise Problem(f"no free set of ports for a private stack: tried 100 offsets of {PRIVATE_OFFSETS}")

    @classmethod
    def recorded(cls, path):
        """The ports that a running stack was started with."""
        return cls(yaml.safe_load(path.read_text()), cls.read({})._purposes)

    def record(self, path):
        path.write_text(yaml.safe_dump(self._numbers))

    def __getitem__(self, name):
        return self._numbers[name]

    def address(self, name):
        return f"{LOOPBACK}:{self._numbers[name]}"

    def require_free(self, names):
        for name in names:
            if _taken(self._numbers[name]):
                raise Problem(
                    f"port {self._numbers[name]} ({self._purposes[name]}) is taken{_by_whom(self._numbers[name])}; "
                    f"end what listens there, or choose another: {variable(name)}=N for this one, SLUICE_PORT_OFFSET=N to move all"
                )


def variable(name):
    """The environment variable that overrides a port."""
    return "SLUICE_PORT_" + name.upper()


def _number(environment, name):
    text = environment.get(name, "")
    if not text:
        return None
    if not text.isdigit():
        raise Problem(f"{name}={text} is not a number")
    return int(text)


def _taken(number):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, number))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return True
            raise Problem(f"port {number} cannot be used: {error.strerror}") from error
    return False


def _by_whom(number):
    """' by nginx (pid 7)' when this user may see it."""
    inodes = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text().splitlines()[1:] if os.path.exists(table) else []:
            fields = line.split()
            if fields[3] == "0A" and int(fields[1].rsplit(":", 1)[1], 16) == number:
                inodes.add(f"socket:[{fields[9]}]")
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if any(os.readlink(descriptor) in inodes for descriptor in (process / "fd").iterdir()):
                return f" by {(process / 'comm').read_text().strip()} (pid {process.name})"
        except OSError:
            continue
    return ""
