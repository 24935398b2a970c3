"""One life of a ledger that meets late EndTxn on all of its lanes, from an empty log to the check of what it left."""

import asyncio
import contextlib
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import yaml

TREE = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(TREE), str(TREE / "stack"), str(TREE / "tests/late_end_txn")]

from buyers import Buyers  # noqa: E402 found by the path above
from daemons import TOPICS, binary, create_topics  # noqa: E402
from proxy import HOST, Proxy  # noqa: E402

PARTITIONS = TOPICS["partitions"]
FOLDER = TREE / "build/late-end-txn"
SERVERS = ["kafka", "redis"]
LEDGER = "sluice-ledger"
WAIT_SECONDS = 60  # for one step of one delivery, restarts of the lane included
BATCH_BYTES_MAX = 1_000_000
FEW = 40  # purchases, one batch: a late EndTxn commits all of them
MANY = 4000  # several batches: the first of them is committed, and the rest is refused


@dataclass
class Life:
    """What was tried in it, and what the check said."""

    delivered: int
    torn: int
    refused: int
    intents: int
    passed: bool
    said: str


def live(stack, wanted):
    """REQUIRES: the servers of `stack` run, and nothing is in their logs."""
    create_topics(stack.ports)
    return asyncio.run(_live(stack, wanted))


async def _live(stack, wanted):
    proxy = Proxy(stack.ports["kafka"])
    await proxy.start()
    settings = _ledger_settings(stack, f"{HOST}:{proxy.port}")
    with open(stack.folder.log("late-ledger"), "w", encoding="utf-8") as log:
        ledger = await asyncio.create_subprocess_exec(binary(LEDGER), "--config", str(settings), stderr=log)
    ended = asyncio.create_task(ledger.wait())
    try:
        trial = asyncio.create_task(_try_to_tear(stack, proxy, wanted))
        await asyncio.wait({trial, ended}, return_when=asyncio.FIRST_COMPLETED)
        passed, said, intents = False, "the ledger ended by itself", 0
        if not ended.done():
            try:
                passed, said, intents = await trial
            except TimeoutError:
                said = f"a step took more than {WAIT_SECONDS} s"
            ledger.terminate()
        code = await asyncio.wait_for(ended, WAIT_SECONDS)
    finally:
        with contextlib.suppress(ProcessLookupError):
            ledger.kill()
        await proxy.stop()
    if code != 0 or not trial.done():
        passed, said = False, f"the ledger ended with {code}: see {stack.folder.log('late-ledger')}"
    return Life(proxy.delivered, proxy.torn, sum(proxy.refused.values()), intents, passed, said)


async def _try_to_tear(stack, proxy, wanted):
    buyers = Buyers(stack.ports.address("kafka"), PARTITIONS)
    await asyncio.gather(*(_keep_tearing(proxy, buyers, partition, wanted) for partition in range(PARTITIONS)))
    buyers.flush()
    return await _check(stack)


async def _keep_tearing(proxy, buyers, partition, wanted):
    """One lane: a transaction whose EndTxn is kept, then one into which it comes, small and large in turn."""
    lane, many = f"{LEDGER}-{partition}", partition % 2 == 0
    while proxy.delivered < wanted:
        delay = proxy.delay_next(lane)
        buyers.buy(partition, FEW)
        await asyncio.wait_for(delay.retried.wait(), WAIT_SECONDS)
        buyers.buy(partition, MANY if many else FEW)
        await asyncio.wait_for(delay.arrived.wait(), WAIT_SECONDS)
        many = not many


async def _check(stack):
    """Waits until every intent has its record and Redis has followed. What a late EndTxn has broken stays in the log, so one
    check at the end of a life sees what each of them did."""
    summary = stack.folder.run("audit.json")
    command = [sys.executable, "-m", "audit", "--kafka", stack.ports.address("kafka"), "--redis", stack.ports.address("redis"),
               "--redis-password-file", stack.folder.secret("redis_password"), "--wait", str(WAIT_SECONDS), "--json", summary]
    audit = await asyncio.create_subprocess_exec(*map(str, command), cwd=TREE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    said, _ = await audit.communicate()
    intents = json.loads(Path(summary).read_text(encoding="utf-8"))["intents"] if audit.returncode in (0, 1) else 0
    return audit.returncode == 0, said.decode(), intents


def _ledger_settings(stack, brokers):
    settings = {
        "kafka": {"brokers": brokers}, "topics": TOPICS, "application": LEDGER, "instance": "ledger-1",
        "admin": {"address": HOST, "port": stack.ports["ledger_1_admin"]},
        "state": {"directory": str(stack.folder.data("ledger-1"))},
        "lane": {"batch_bytes_max": BATCH_BYTES_MAX},
        "redis": {"host": HOST, "port": stack.ports["redis"], "password_file": str(stack.folder.secret("redis_password"))},
    }
    return stack.folder.write_settings("late.yaml", yaml.safe_dump(settings))
