"""What the bench promises: every figure that has a limit, with what it must reach and what it aims at; the table and bench.json."""

import json
from dataclasses import dataclass

AT_LEAST, AT_MOST, BELOW = ">=", "<=", "<"


@dataclass(frozen=True)
class Limit:
    sense: str
    must: float
    aim: float

    def mark(self, value):
        if self._reaches(value, self.must):
            return "PASS, aim reached" if self._reaches(value, self.aim) else "PASS"
        return "SHORT"

    def _reaches(self, value, bound):
        if self.sense == AT_LEAST:
            return value >= bound
        return value <= bound if self.sense == AT_MOST else value < bound


# The one table of limits. A case brings the figures that begin with its name.
LIMITS = {
    "one_sku.ratio_to_limit": Limit(AT_LEAST, 0.70, 0.80),
    "one_sku.ratio_to_kafka_streams": Limit(AT_LEAST, 10, 12),
    "many_skus.ratio_to_limit": Limit(AT_LEAST, 0.70, 0.80),
    "many_skus.ratio_to_kafka_streams": Limit(AT_LEAST, 8, 10),
    "flood.ratio_to_limit": Limit(AT_LEAST, 1.2, 1.6),
    "growth.cost_ratio": Limit(AT_MOST, 1.3, 1.1),
    "memory.bytes_per_held_order": Limit(AT_MOST, 160, 128),
    "restart.seconds": Limit(BELOW, 2, 1),
    "rebuild.seconds": Limit(BELOW, 6, 3),
    "failover.seconds": Limit(BELOW, 8, 7),
    "verdict.p99_ratio": Limit(AT_MOST, 1.5, 1.2),
}


# What bare loops have done before on two cores that they share with the broker, least and most. A limit far from it makes every ratio
# to it doubtful: either the machine does other things, or the loop is not the loop that it was.
KNOWN_LIMITS = {"one_sku.limit_per_s": (690_000, 920_000), "many_skus.one_producer_per_s": (600_000, 827_000)}
_TOLERANCE = 0.10


def doubts(figures):
    """A sentence for every limit that is not what it is known to be."""
    found = []
    for name, (least, most) in KNOWN_LIMITS.items():
        value = figures.values.get(name)
        if value is not None and not least * (1 - _TOLERANCE) <= value <= most * (1 + _TOLERANCE):
            found.append(f"{name} is {value:,.0f}, and was {least:,} to {most:,}: does the machine do other things, or is it another kind?")
    return found


def case_of(name):
    return name.split(".", 1)[0]


class Figures:
    """What was measured, by name, with its spread over the rounds."""

    def __init__(self):
        self.values = {}
        self.spreads = {}

    def add(self, name, value, spread=None):
        """`spread`: least and most of the rounds; `value` is their median."""
        self.values[name] = value
        if spread is not None:
            self.spreads[name] = spread

    def add_rounds(self, name, values):
        self.add(name, median(values), (min(values), max(values)))

    def missing(self, cases):
        """Limits of these cases that nothing was measured for."""
        return [name for name in LIMITS if case_of(name) in cases and name not in self.values]

    def short(self):
        """What does not reach what it must."""
        return [name for name, value in self.values.items() if name in LIMITS and LIMITS[name].mark(value) == "SHORT"]


def median(values):
    """Of an even number, the mean of the two in the middle."""
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def table(figures):
    """Lines: name, value, least and most, what it must reach, what it aims at, and whether it does."""
    lines = [f"{'figure':36} {'median':>12}   {'least .. most':>23}   {'must':>8} {'aim':>8}  "]
    for name, value in figures.values.items():
        spread = " .. ".join(f"{bound:,.{_digits(bound)}f}" for bound in figures.spreads.get(name, ()))
        limit = LIMITS.get(name)
        bounds = f"{limit.sense + f' {limit.must:g}':>8} {limit.aim:8g}  {limit.mark(value)}" if limit else ""
        lines.append(f"{name:36} {value:12,.{_digits(value)}f}   {spread:>23}   {bounds}".rstrip())
    return lines


def _digits(value):
    """Three significant ones, and never less than the whole number."""
    return next((digits for digits, bound in ((0, 1000), (1, 100), (2, 1)) if abs(value) >= bound), 3)


def written(figures, commit, machine, conditions):
    """bench.json. `conditions`: how it was measured, where that differs from the whole bench; said beside the figures."""
    rounded = {name: float(f"{value:.6g}") for name, value in figures.values.items()}
    return json.dumps({"commit": commit, "machine": machine, **conditions, "figures": rounded}, indent=2) + "\n"
