"""How long after its append a purchase's record is visible, at a steady rate on one partition: of the ledger and of the bare loop."""

from bench_stack import INTENTS, LIMIT, ORDERS, ended
from ledger_process import LedgerProcess
from process_cost import MachineBusy

_RUN_SECONDS = 120
# A broker that still compiles its own code takes what both need: so long both have a p99 that goes down from run to run.
_WARM_UPS = 2


def run(bench, volumes, figures, say):
    count = volumes.verdicts_per_second * volumes.verdicts_seconds
    runs, record_bytes = {"ledger": [], "limit": []}, 0

    def run_of(who):
        nonlocal record_bytes
        if who == "limit":
            return _limit(bench, volumes, count, record_bytes)
        record_bytes, times = _ledger(bench, volumes, len(runs["ledger"]), count)
        return times

    for number in range(1 - _WARM_UPS, volumes.verdict_rounds + 1):
        # In turn, so that what changes from run to run meets both: the first one needs the other's record size, so the ledger begins.
        for who in ("ledger", "limit") if (number + _WARM_UPS) % 2 else ("limit", "ledger"):
            found = run_of(who)
            runs[who].append(found)
            say(
                f"{f'round {number}' if number > 0 else 'warm-up'}: {who:7} p50 {found['p50_ms']:6.2f}  p99 {found['p99_ms']:6.2f}  "
                f"p99.9 {found['p999_ms']:6.2f}  most {found['max_ms']:6.2f} ms; the machine busy to {found['busy_share']:.0%}; "
                f"the sender itself was late by {found['sender_late_ms']:.2f} ms at most"
            )
    ledgers, limits = runs["ledger"][_WARM_UPS:], runs["limit"][_WARM_UPS:]
    for percentile in ("p50", "p99"):
        figures.add_rounds(f"verdict.limit_{percentile}_ms", [times[f"{percentile}_ms"] for times in limits])
        figures.add_rounds(f"verdict.{percentile}_ms", [times[f"{percentile}_ms"] for times in ledgers])
    figures.add_rounds("verdict.limit_busy_share", [times["busy_share"] for times in limits])
    figures.add_rounds("verdict.busy_share", [times["busy_share"] for times in ledgers])
    figures.add_rounds("verdict.p99_ratio", [ledger["p99_ms"] / limit["p99_ms"] for ledger, limit in zip(ledgers, limits)])


def _ledger(bench, volumes, number, count):
    bench.make_topics(1, [INTENTS, ORDERS])
    bench.empty_redis()
    with LedgerProcess(bench, f"verdict-{number}", 1) as ledger:
        ledger.start()
        bench.act("append", "--sales", "--stock", count, "--buyers", 0)
        ledger.wait_until_decided(1)
        times = _send(bench, volumes, count, ORDERS)
        ledger.stop()
    census = bench.act("census", "--topic", ORDERS)
    return round(census["change_bytes"] / census["changes"]), times


def _limit(bench, volumes, count, record_bytes):
    bench.make_topics(1, [INTENTS, LIMIT])
    with bench.begin("limit", "--record-bytes", record_bytes, "--intents", count) as limit:
        limit.stdout.readline()  # it could begin
        times = _send(bench, volumes, count, LIMIT)
        ended(limit, "limit", _RUN_SECONDS)
    return times


def _send(bench, volumes, count, topic):
    pace = ["--per-second", volumes.verdicts_per_second, "--not-counted", count // 5]
    busy = MachineBusy()
    times = bench.act("verdicts", "--buyers", count, "--topic", topic, *pace, seconds=_RUN_SECONDS)
    return times | {"busy_share": busy.share()}
