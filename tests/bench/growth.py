"""What an intent costs when there are many orders, beside what it costs when there are few: one ledger, one partition, one drain."""

from bench_stack import INTENTS, ORDERS
from curve import between
from ledger_process import LedgerProcess

_MICROS = 1e6
# RocksDB writes its tables in lumps, so that a cost is that of a stretch: a twentieth of the drain that begins at the few, and the
# last fifth of it, since the larger lumps come more seldom.
_FEW_SHARE, _MANY_SHARE = 20, 5
_LOOK_SECONDS = 0.05


def run(bench, volumes, figures, say):
    most, few = volumes.most_orders, volumes.few_orders
    bench.make_topics(1, [INTENTS, ORDERS])
    bench.act("append", "--sales", "--stock", most, "--buyers", most)
    say(f"{most:,} purchases appended")
    at_few, at_most = [], []
    for number in range(1, volumes.rounds + 1):
        samples = _drain(bench, number, most)
        at_few.append(_micros(samples, few, few + most // _FEW_SHARE))
        at_most.append(_micros(samples, most - most // _MANY_SHARE, most))
        say(f"round {number}: {at_few[-1]:.2f} us CPU an intent from {few:,} orders on, {at_most[-1]:.2f} up to {most:,}")
    figures.add_rounds("growth.few_cpu_us", at_few)
    figures.add_rounds("growth.most_cpu_us", at_most)
    figures.add_rounds("growth.cost_ratio", [many / less for many, less in zip(at_most, at_few)])


def _drain(bench, number, intents):
    """Pairs of intents decided and CPU seconds of the ledger until then."""
    bench.make_topics(1, [ORDERS])
    bench.empty_redis()
    samples = []
    with LedgerProcess(bench, f"growth-{number}", 1) as ledger:
        look = lambda decided: samples.append((decided, ledger.cost().cpu_seconds))  # noqa: E731 one line
        ledger.start().wait_until_decided(intents + 1, look, _LOOK_SECONDS)
    return samples


def _micros(samples, first, last):
    return between(samples, first, last) * _MICROS / (last - first)
