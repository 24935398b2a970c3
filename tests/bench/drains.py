"""Drains of preloaded purchases: by the bare loop, by the ledger and by Kafka Streams, in turn, over the same intents."""

from dataclasses import dataclass

from bench_stack import INTENTS, LIMIT, ORDERS, PEER
from curve import rate, steps
from figures import median
from ledger_process import LedgerProcess
from problem import Problem

_MICROS = 1e6
_KIB_PER_MIB = 1024
_WARM_UPS = 3  # not counted: the broker compiles its own code meanwhile, beside whoever is measured
_LARGEST_TRANSACTION = 20_000  # of the ledger: lane.batch_intents_max


@dataclass(frozen=True)
class Case:
    name: str
    what: str
    partitions: int
    skus: int
    stock: int | None  # of all SKUs together; None: enough for everybody
    with_peer: bool


ONE_SKU = Case("one_sku", "one SKU on one partition, all accepted", 1, 1, None, True)
MANY_SKUS = Case("many_skus", "64 SKUs on 8 partitions, all accepted", 8, 64, None, True)
FLOOD = Case("flood", "one SKU on one partition, sold out", 1, 1, 1_000, False)


@dataclass(frozen=True)
class Drained:
    per_second: float
    cpu_micros: float  # of the process, for each intent
    broker_micros: float  # the same of the broker
    peak_mib: float
    note: str = ""


class Drains:
    """One case: `intents` is filled once; whoever drains it gets an empty topic for its records, and has no state."""

    def __init__(self, bench, volumes, case, peer, say):
        self._bench, self._volumes, self._case, self._peer, self._say = bench, volumes, case, peer, say
        self._stock = case.stock if case.stock is not None else volumes.purchases
        self._record_bytes = 0
        self._limit_words = []
        self._runs = 0

    def run(self, figures):
        self._fill()
        for _ in range(_WARM_UPS):
            self.ledger()  # which also shows how large its records are
        self._say(f"{self._volumes.purchases:,} purchases; an accepted one's record has {self._record_bytes} bytes")
        if self._case.partitions > 1:
            self._choose_limit(figures)
        rounds = [self._round(number) for number in range(1, self._volumes.drain_rounds + 1)]
        for who in rounds[0]:
            self._add(figures, who, [drained[who] for drained in rounds])
        for who in [who for who in rounds[0] if who != "ledger"]:
            ratios = [drained["ledger"].per_second / drained[who].per_second for drained in rounds]
            figures.add_rounds(f"{self._case.name}.ratio_to_{who}", ratios)

    def _fill(self):
        case = self._case
        self._bench.make_topics(case.partitions, [INTENTS, ORDERS])
        crowd = ["--skus", case.skus, "--stock", -(-self._stock // case.skus), "--buyers", self._volumes.purchases]
        self._bench.act("append", "--sales", *crowd, partitions=case.partitions)

    def _choose_limit(self, figures):
        """The faster of two bare loops: one for each partition, as lanes are, or one with one producer for all of them."""
        kinds = {"a loop for each partition": [], "one producer for all": ["--one-producer"]}
        rates = {kind: [] for kind in kinds}
        for _ in range(min(self._volumes.rounds, 2)):
            for kind, words in kinds.items():
                self._limit_words = words
                rates[kind].append(self.limit().per_second)
        fastest = max(rates, key=lambda kind: median(rates[kind]))
        self._limit_words = kinds[fastest]
        told = ", ".join(f"{kind} {median(found):,.0f}/s" for kind, found in rates.items())
        self._say(f"bare loops: {told}; the limit is {fastest}")
        figures.add_rounds(f"{self._case.name}.one_producer_per_s", rates["one producer for all"])

    def _round(self, number):
        drains = {"limit": self.limit, "large_limit": self.large_limit, "ledger": self.ledger}
        if self._case.with_peer and self._peer:
            drains["kafka_streams"] = self.kafka_streams
        drained = {}
        for who, measure in drains.items():
            drained[who] = drain = measure()
            self._say(
                f"round {number}: {who:13} {drain.per_second:10,.0f}/s  {drain.cpu_micros:6.2f} us CPU an intent, "
                f"broker {drain.broker_micros:5.2f} us, peak {drain.peak_mib:6,.0f} MiB{drain.note}"
            )
        return drained

    def _add(self, figures, who, drained):
        name = f"{self._case.name}.{who}"
        figures.add_rounds(f"{name}_per_s", [drain.per_second for drain in drained])
        figures.add_rounds(f"{name}_cpu_us", [drain.cpu_micros for drain in drained])
        figures.add_rounds(f"{name}_broker_us", [drain.broker_micros for drain in drained])
        figures.add_rounds(f"{name}_peak_mib", [drain.peak_mib for drain in drained])

    def _intents(self):
        return self._volumes.purchases + self._case.skus

    def large_limit(self):
        return self.limit(["--batch", _LARGEST_TRANSACTION])

    def limit(self, more_words=()):
        bench, partitions = self._bench, self._case.partitions
        bench.make_topics(partitions, [LIMIT])
        broker = bench.broker_cpu_seconds()
        cost = bench.act("limit", "--record-bytes", self._record_bytes, *self._limit_words, *more_words, partitions=partitions)
        broker = bench.broker_cpu_seconds() - broker
        census = bench.act("census", "--topic", LIMIT, "--opaque", partitions=partitions)
        if census["intents"] != self._intents():
            raise Problem(f"the bare loop wrote {census['intents']:,} records for {self._intents():,} intents")
        return self._drained(rate(census["curve"]), cost["cpu_seconds"], broker, cost["peak_kib"], self._intents())

    def ledger(self):
        bench, partitions = self._bench, self._case.partitions
        bench.make_topics(partitions, [ORDERS])
        bench.empty_redis()
        self._runs += 1
        broker = bench.broker_cpu_seconds()
        with LedgerProcess(bench, f"{self._case.name}-{self._runs}", partitions) as ledger:
            ledger.start().wait_until_decided(self._intents())
            cost = ledger.cost()
            broker = bench.broker_cpu_seconds() - broker
            ledger.stop()
        census = bench.act("census", "--topic", ORDERS, partitions=partitions)
        self._check(census["verdicts"])
        self._record_bytes = round(census["change_bytes"] / census["changes"])
        return self._drained(rate(census["curve"]), cost.cpu_seconds, broker, cost.peak_kib, self._intents())

    def _check(self, verdicts):
        """A drain that rules otherwise than it should is no drain."""
        accepted = min(self._stock, self._volumes.purchases)
        wanted = {"ACCEPTED": accepted + self._case.skus}
        if refused := self._volumes.purchases - accepted:
            wanted["REFUSED SOLD_OUT"] = refused
        if verdicts != wanted:
            raise Problem(f"{self._case.name}: the ledger's verdicts are {verdicts}, and should be {wanted}")

    def kafka_streams(self):
        bench, partitions, skipped = self._bench, self._case.partitions, self._volumes.peer_skipped
        bench.make_topics(partitions, [PEER])
        self._runs += 1
        wanted = min(self._volumes.peer_purchases, self._intents())
        broker = bench.broker_cpu_seconds()
        cost = self._peer.run(bench, f"{self._case.name}-{self._runs}", partitions, wanted, skipped)
        broker = bench.broker_cpu_seconds() - broker
        census = bench.act("census", "--topic", PEER, partitions=partitions)
        if set(census["verdicts"]) != {"ACCEPTED"}:
            raise Problem(f"{self._case.name}: Kafka Streams' verdicts are {census['verdicts']}, and all should be accepted")
        thirds = ", ".join(f"{step:,.0f}" for step in steps(census["curve"], skipped))
        note = f"; of {census['intents']:,}, each third of what counts: {thirds}/s"
        drained = self._drained(rate(census["curve"], skipped), cost["cpu_seconds"], 0, cost["peak_kib"], wanted - skipped, note)
        return Drained(drained.per_second, drained.cpu_micros, broker * _MICROS / wanted, drained.peak_mib, note)

    def _drained(self, per_second, cpu_seconds, broker_seconds, peak_kib, intents, note=""):
        return Drained(
            per_second, cpu_seconds * _MICROS / intents, broker_seconds * _MICROS / intents, peak_kib / _KIB_PER_MIB, note
        )


def check_agreement(bench, volumes, peer, say):
    """Before they are compared: the ledger and Kafka Streams rule alike on repetitions, second purchases and a stock that runs out."""
    purchases = volumes.mixed_purchases
    bench.make_topics(1, [INTENTS, ORDERS, PEER])
    bench.empty_redis()
    bench.act("append", "--sales", "--mixed", "--stock", purchases // 2, "--buyers", purchases)
    with LedgerProcess(bench, "agreement", 1) as ledger:
        ledger.start().wait_until_decided(purchases + 1)
        ledger.stop()
    verdicts = bench.act("census", "--topic", ORDERS)["verdicts"]
    verdicts["ACCEPTED"] -= 1  # the sale
    if set(verdicts) != {"ACCEPTED", "DUPLICATE", "REFUSED LIMIT_REACHED", "REFUSED SOLD_OUT"}:
        raise Problem(f"a mixed crowd got the verdicts {verdicts} only")
    if peer:
        peer.run(bench, "agreement", 1, purchases + 1, 0)
        theirs = bench.act("census", "--topic", PEER)["verdicts"]
        if theirs != verdicts:
            raise Problem(f"a mixed crowd of {purchases:,}: the ledger ruled {verdicts}, Kafka Streams {theirs}")
    say(f"a mixed crowd of {purchases:,}: {verdicts}" + (", the same by Kafka Streams" if peer else ""))
