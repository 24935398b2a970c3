"""Which faults a run suffers, by its seed alone. Faults take turns, so that in any 1,000 runs each comes at least 40 times, and in any
20 runs at least once; steps of failpoints take turns as well."""

import random

from faults import LEDGER_STEPS, STEPS, AtStep, BrokerFrozen, BrokerRestart, CallHangs, ClockJump, OrdersReplaced, Rebalance, RecordsDeleted, RedisFlushed
from faults import RedisKilled, StoreAborts, StrayWriter
from store_faults import FlippedBits, FullDisk, StoreDeleted

KILL, STOP = "kill at a step", "stop at a step"
# By name. The order is that of the turns: the slow ones are apart.
MAKERS = {
    KILL: None, "rebalance": Rebalance, "flipped bits in WAL": lambda: FlippedBits("WAL", r"\d+\.log"), "broker frozen": BrokerFrozen,
    STOP: None, "Redis killed": RedisKilled, "store deleted": StoreDeleted, "stray writer, ends": lambda: StrayWriter(left_open=False),
    "flipped bits in SST": lambda: FlippedBits("SST", r"\d+\.sst"), "broker restart": BrokerRestart, "Redis flushed": RedisFlushed,
    "records deleted": RecordsDeleted, "stray writer, left open": lambda: StrayWriter(left_open=True), "full disk": FullDisk,
    "flipped bits in MANIFEST": lambda: FlippedBits("MANIFEST", r"MANIFEST-\d+"), "broker clock jump": ClockJump,
    "orders replaced": lambda: OrdersReplaced(running=False), "orders replaced under way": lambda: OrdersReplaced(running=True),
    CallHangs.name: CallHangs, StoreAborts.name: StoreAborts,
}
NAMES = list(MAKERS)


def names_of(seed):
    """One by turn, and for most runs one or two more of the quick ones."""
    dice = random.Random(f"schedule {seed}")
    names = [NAMES[seed % len(NAMES)]]
    for _ in range(dice.choice((0, 1, 1, 2))):
        names.append(dice.choice([name for name in _QUICK if name not in names]))
    # What replaces `orders` makes everything before it be ruled on again, so it comes last.
    return sorted(names, key=lambda name: name.startswith("orders replaced"))


_QUICK = [KILL, KILL, KILL, STOP, "rebalance", "Redis killed", "Redis flushed", "store deleted", "stray writer, left open", "flipped bits in WAL"]


def faults_of(seed):
    return [_make(name, seed) for name in names_of(seed)]


def _make(name, seed):
    if name == KILL:
        return AtStep(list(STEPS)[(seed // 2) % len(STEPS)], "kill")
    if name == STOP:
        return AtStep(LEDGER_STEPS[(seed // 2) % len(LEDGER_STEPS)], "stop")
    return MAKERS[name]()
