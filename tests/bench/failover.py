"""How long a partition is without rulings when its ledger dies and another one takes over, which has nothing of it yet."""

import time

from bench_stack import INTENTS, ORDERS, ended
from ledger_process import LedgerProcess
from waiting import wait_for

_NANOS = 1e9
_PROBE_SECONDS = 90
_SETTLED_SECONDS = 1.5


def run(bench, volumes, figures, say):
    orders = volumes.few_orders
    bench.make_topics(1, [INTENTS, ORDERS])
    bench.empty_redis()
    seconds = []
    with LedgerProcess(bench, "failover", 1, "ledger-1") as first, LedgerProcess(bench, "failover", 1, "ledger-2") as second:
        both = [first, second]
        first.start().wait_until_running(1)
        bench.act("append", "--sales", "--stock", 2 * orders, "--buyers", orders)
        first.wait_until_decided(orders + 1)
        second.start()
        for number in range(volumes.rounds):
            holder = _wait_until_settled(both)
            standby = next(ledger for ledger in both if ledger is not holder)
            standby.forget()
            seconds.append(_take_over(bench, holder, orders + number))
            holder.start()
    say(f"failover: {', '.join(f'{took:.2f}' for took in seconds)} s, with {orders:,} held orders")
    figures.add_rounds("failover.seconds", seconds)


def _wait_until_settled(both):
    """The one that has the partition, when both are in the group and nothing has changed for a while."""
    stands = {"holder": None, "since": time.monotonic()}

    def settled():
        running = [ledger for ledger in both if ledger.metric("sluice_ledger_lane_running") == 1]
        holder = running[0] if len(running) == 1 and all(ledger.is_member() for ledger in both) else None
        if holder is not stands["holder"]:
            stands.update(holder=holder, since=time.monotonic())
        return holder is not None and time.monotonic() > stands["since"] + _SETTLED_SECONDS

    wait_for("two ledgers to agree on who has the partition", settled, 60, 0.1)
    return stands["holder"]


def _take_over(bench, holder, buyer):
    """Seconds from kill -9 to the other's verdict on a purchase that was sent meanwhile."""
    with bench.begin("probe", "--first", buyer) as probe:
        probe.stdout.readline()
        killed = time.monotonic_ns()
        holder.kill()
        probe.stdin.write("\n")
        probe.stdin.flush()
        return (ended(probe, "probe", _PROBE_SECONDS)["visible_ns"] - killed) / _NANOS
