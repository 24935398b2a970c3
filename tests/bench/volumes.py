"""How much the bench does: all of it, or a share while developing."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Volumes:
    scale: float = 1.0
    rounds: int = 3

    @property
    def purchases(self):
        """Of a drain, by as many users: more than one batch for each of 8 lanes, since one append has no rate."""
        return self._scaled(2_000_000, 100_000)

    @property
    def drain_rounds(self):
        """More, since in a virtual machine the same drain costs a third more CPU in some rounds than in others: five for three."""
        return self.rounds * 5 // 3

    @property
    def verdict_rounds(self):
        """Twice as many: a broker that stands still for a tenth of a second makes the 99th percentile of its round."""
        return 2 * self.rounds

    @property
    def peer_purchases(self):
        """Kafka Streams gets fewer: at its rate they take as long. The first `peer_skipped` warm it up and do not count."""
        return self._scaled(800_000, 8_000)

    @property
    def peer_skipped(self):
        return self._scaled(300_000)

    @property
    def mixed_purchases(self):
        return self._scaled(50_000)

    @property
    def few_orders(self):
        return self._scaled(100_000)

    @property
    def many_orders(self):
        return self._scaled(1_000_000, 6_000)

    @property
    def most_orders(self):
        return self._scaled(10_000_000, 20_000)

    @property
    def verdicts_per_second(self):
        return 100_000 if self.scale >= 0.05 else 10_000

    @property
    def verdicts_seconds(self):
        """Of one run; the first fifth of them warms up and does not count."""
        return 10 if self.scale >= 0.05 else 1

    @property
    def rest_seconds(self):
        """So long nothing has moved when memory is looked at."""
        return 5 if self.scale >= 0.05 else 0.5

    def _scaled(self, count, least=2_000):
        """Whole thousands."""
        return max(round(count * self.scale / 1000) * 1000, least)

    def conditions(self):
        """What bench.json says when this is not the whole bench."""
        return {} if self.scale == 1.0 and self.rounds >= 3 else {"scale": self.scale, "rounds": self.rounds, "note": "not the whole bench"}
