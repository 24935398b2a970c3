"""The rate of a drain, from what the broker's clock says about its records: pairs of milliseconds since the first append and
intents ruled on until then (bench_kafka census)."""

from problem import Problem

STEPS = 3


def rate(curve, skip=0):
    """Intents a second, from the first append that brings the count to `skip` or beyond to the last one. Those that were appended up
    to that first moment are not counted: how long they took is not known."""
    first = next(((millis, intents) for millis, intents in curve if intents >= skip), None)
    last = curve[-1] if curve else None
    if first is None or last[0] <= first[0]:
        raise Problem(f"no rate in {len(curve)} appends: too few intents")
    return (last[1] - first[1]) * 1000 / (last[0] - first[0])


def steps(curve, skip=0):
    """The rate of each third of what comes after `skip`: alike where the drain was steady."""
    share = (curve[-1][1] - skip) / STEPS
    rates = []
    for step in range(STEPS):
        until = skip + share * (step + 1)
        part = [point for point in curve if point[1] <= until + 1]
        try:
            rates.append(rate(part, skip + share * step))
        except Problem:
            return []
    return rates


def between(samples, first, last):
    """How much `cost` grew while the count went from `first` to `last`; `samples`: pairs (count, cost), ascending. Interpolated."""
    return _at(samples, last) - _at(samples, first)


def _at(samples, count):
    for (count_before, cost_before), (count_after, cost_after) in zip(samples, samples[1:]):
        if count_before <= count <= count_after and count_after > count_before:
            return cost_before + (cost_after - cost_before) * (count - count_before) / (count_after - count_before)
    raise Problem(f"nothing was measured around {count:,}: from {samples[0][0]:,} to {samples[-1][0]:,} only")
