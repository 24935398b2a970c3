"""Which ledger runs which partition, as their metrics say."""

import re
import urllib.request

from daemons import LEDGERS, admin_port

_RUNNING = re.compile(r'^sluice_ledger_lane_running\{[^}]*partition="(\d+)"[^}]*\} 1(\.0*)?$', re.MULTILINE)


def owner_of(partition, ports, among=tuple(LEDGERS)):
    """The name of the ledger whose lane of the partition runs, or None."""
    for name in among:
        if partition in _partitions_of(ports.address(admin_port(name))):
            return name
    return None


def _partitions_of(address):
    try:
        with urllib.request.urlopen(f"http://{address}/metrics", timeout=1) as answer:
            return {int(number) for number in (found[0] for found in _RUNNING.findall(answer.read().decode()))}
    except OSError:
        return set()  # dead, or about to be
