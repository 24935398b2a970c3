"""A partition full of held orders: the memory that they take, and how long a ledger that was killed is away."""

import time

from bench_stack import INTENTS, ORDERS, ended
from ledger_process import LedgerProcess
from waiting import wait_for

_NANOS = 1e9
_KIB = 1024
_PROBE_SECONDS = 90


def run(bench, volumes, figures, say):
    few, many = volumes.few_orders, volumes.many_orders
    of_an_order = []
    for left in reversed(range(volumes.rounds)):
        bench.make_topics(1, [INTENTS, ORDERS])
        bench.empty_redis()
        with LedgerProcess(bench, f"held-{left}", 1) as ledger:
            ledger.start().wait_until_running(1)
            bench.act("append", "--sales", "--stock", 2 * many, "--buyers", 0)
            resident = [_grow(bench, volumes, ledger, first, orders) for first, orders in ((0, few), (few, many))]
            of_an_order.append((resident[1] - resident[0]) * _KIB / (many - few))
            say(f"resident: {resident[0]:,} KiB with {few:,} held orders, {resident[1]:,} KiB with {many:,}")
            if left == 0:
                _measure_absences(bench, volumes, ledger, figures, say)
    figures.add_rounds("memory.bytes_per_held_order", of_an_order)


def _measure_absences(bench, volumes, ledger, figures, say):
    buyer = volumes.many_orders
    for name, forgets in (("restart", False), ("rebuild", True)):
        seconds = []
        for _ in range(volumes.rounds):
            seconds.append(_away(bench, ledger, buyer, forgets))
            buyer += 1
            ledger.wait_until_decided(buyer + 1)
            ledger.wait_until_shown(buyer + 1)
        say(f"{name}: {', '.join(f'{took:.2f}' for took in seconds)} s")
        figures.add_rounds(f"{name}.seconds", seconds)


def _grow(bench, volumes, ledger, first, orders):
    """Resident KiB with so many held orders, of which `first` were there before. They come at a steady rate: memory for a backlog that
    was read ahead is not theirs."""
    pace = ["--per-second", volumes.verdicts_per_second]
    bench.act("append", "--first", first, "--buyers", orders - first, *pace)
    ledger.wait_until_decided(orders + 1)
    ledger.wait_until_shown(orders + 1)
    quiet = {"since": time.monotonic(), "kib": 0}

    def rests():
        resident = ledger.cost().resident_kib
        if abs(resident - quiet["kib"]) > quiet["kib"] // 1000:
            quiet.update(since=time.monotonic(), kib=resident)
        return time.monotonic() > quiet["since"] + volumes.rest_seconds

    wait_for("the ledger's memory to rest", rests, 60, 0.2)
    return ledger.cost().resident_kib


def _away(bench, ledger, buyer, forgets):
    """Seconds from kill -9 to the verdict on a purchase that was sent while no ledger ran."""
    with bench.begin("probe", "--first", buyer) as probe:
        probe.stdout.readline()  # it looks at the end of `orders` now
        killed = time.monotonic_ns()
        ledger.kill()
        if forgets:
            ledger.set_state_aside()
        probe.stdin.write("\n")
        probe.stdin.flush()
        ledger.start()
        return (ended(probe, "probe", _PROBE_SECONDS)["visible_ns"] - killed) / _NANOS
