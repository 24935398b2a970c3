"""What is wrong: one line each, counted by kind."""

import json
from dataclasses import dataclass

KINDS = ("oversold", "lost", "doubled", "redis_drift", "mysql_drift", "money", "other")


@dataclass(frozen=True)
class Finding:
    kind: str
    where: str
    text: str
    count: int  # what it adds to the number of its kind

    def __str__(self):
        return f"{self.kind}: {self.where}: {self.text}"


class Findings:
    def __init__(self):
        self.all = []

    def add(self, kind, where, text, count=1):
        assert kind in KINDS and count >= 1, kind
        self.all.append(Finding(kind, where, text, count))

    def count(self, kind):
        return sum(finding.count for finding in self.all if finding.kind == kind)

    def counts(self):
        return {kind: self.count(kind) for kind in KINDS}

    def lines(self, per_kind_max):
        """At most so many of each kind: one lost record can make thousands of others wrong."""
        lines = []
        for kind in KINDS:
            found = [finding for finding in self.all if finding.kind == kind]
            lines += map(str, found[:per_kind_max])
            if len(found) > per_kind_max:
                lines.append(f"{kind}: and {len(found) - per_kind_max} more")
        return lines


def spot(partition, offset, order=None):
    """Where in the log: partition and offset of the intent, and the order if one is meant."""
    place = f"partition {partition} offset {offset}"
    return place if order is None else f"{place} order {order}"


def as_text(value):
    return json.dumps(value, sort_keys=True, default=str)
