"""sluicectl's administrative acts on a real Kafka and a real ledger: what they change, and that a repeated one counts once."""

import json
import re
import subprocess
import time

import pytest
from confluent_kafka import Producer
from daemons import TOPICS
from running import ctl
from stack import Stack

from audit.messages import intents

MAGIC = 0x31494C53
SALE = """sku: {sku}
sale_id: spring
title: "A box"
price_minor: 999
currency: EUR
limit_per_user: 5
slots:
  - {{opens: 2020-01-01T00:00:00Z, closes: +1h, quantity: 10}}
  - {{opens: +2h, closes: +3h, quantity: 7}}
"""


@pytest.fixture(scope="module")
def brokers(tmp_path_factory):
    stack = Stack(tmp_path_factory.mktemp("acts") / "stack")
    stack.up(only=["kafka", "redis", "mariadb", "ledger-1"], private=True)
    yield stack.ports.address("kafka")
    stack.down()


class Sku:
    """A SKU of one test, with a sale that runs."""

    def __init__(self, brokers, name, folder):
        self.name = name
        self._brokers = brokers
        file = folder / "sale.yaml"
        file.write_text(SALE.format(sku=name))
        applied = ctl(brokers, "sale", "apply", file)
        assert applied.returncode == 0, applied.stderr
        self.partition = int(re.search(r"partition (\d+)", applied.stdout)[1])
        self._producer = Producer({"bootstrap.servers": brokers, "linger.ms": 0})

    def shown(self):
        return json.loads(ctl(self._brokers, "sale", "show", self.name, "--json").stdout)["sales"][0]

    def ask(self, **kind):
        """Appends an intent, as ingest would. Its ticket."""
        told = []
        message = intents.Intent(magic=MAGIC, **kind).SerializeToString()
        self._producer.produce("intents", message, partition=self.partition, on_delivery=lambda _, sent: told.append(sent.offset()))
        self._producer.flush()
        return self.partition << 52 | TOPICS["generation"] << 44 | told[0]

    def paid_order(self, payment):
        order = self.ask(purchase=intents.Purchase(sku=self.name, user="ann", request_key=payment, quantity=2))
        self.ask(pay=intents.Pay(order=order, payment_id=payment, amount_minor=2 * 999, currency="EUR"))
        return order


@pytest.fixture
def sku(brokers, request, tmp_path):
    return Sku(brokers, request.node.name[:64], tmp_path)


def units(shown):
    return [shown[pile] for pile in ("defined", "unopened", "available", "held", "sold", "withdrawn")]


def until(asked, wanted):
    """The ledger needs a moment; whoever compares afterwards says what is missing."""
    deadline = time.monotonic() + 20
    while asked() != wanted and time.monotonic() < deadline:
        pass
    return asked()


def test_a_sale_is_shown_as_it_stands(brokers, sku):
    shown = sku.shown()
    assert [slot["opened"] for slot in shown["slots"]] == [True, False]
    assert units(shown) == [17, 7, 10, 0, 0, 0]
    assert (shown["sale_id"], shown["title"], shown["late_payment"], shown["partition"]) == ("spring", "A box", "refund", sku.partition)
    table = ctl(brokers, "sale", "show", sku.name).stdout
    assert "17 defined = 7 unopened + 10 available + 0 held + 0 sold + 0 withdrawn" in table
    assert re.search(r"0 +2020-01-01T00:00:00.000Z .* 10  opened\n +1 .* 7  coming\n", table)


def test_all_sales_are_shown_and_one_that_is_not_there_is_an_error(brokers, sku):
    skus = [sale["sku"] for sale in json.loads(ctl(brokers, "sale", "show", "--json").stdout)["sales"]]
    assert sku.name in skus and skus == sorted(skus)
    missing = ctl(brokers, "sale", "show", "nothing-of-that-name")
    assert (missing.returncode, missing.stdout) == (1, "")
    assert "no sale of nothing-of-that-name was ever defined" in missing.stderr


def test_stock_is_added_and_a_repetition_with_the_same_key_counts_once(brokers, sku):
    done = ctl(brokers, "stock", "add", sku.name, 5, "--reason", "found a box")
    assert done.returncode == 0
    assert done.stdout.startswith(f"stock of {sku.name} +5: accepted (partition {sku.partition}, intent ")
    assert f"{sku.name}: 7 unopened, 15 available, 0 held, 0 sold, 0 withdrawn" in done.stdout
    key = re.fullmatch(r"key: (ctl-[0-9a-f]{24})\n", done.stderr)[1]
    again = ctl(brokers, "stock", "add", sku.name, 5, "--reason", "found a box", "--key", key)
    assert (again.returncode, again.stderr) == (0, "")
    assert ": duplicate (" in again.stdout
    assert sku.shown()["available"] == 15
    assert ctl(brokers, "stock", "add", sku.name, 5, "--reason", "found a box").returncode == 0
    assert sku.shown()["available"] == 20


def test_stock_is_withdrawn_as_a_whole_or_not_at_all(brokers, sku):
    refused = ctl(brokers, "stock", "add", sku.name, -11, "--reason", "broken")
    assert refused.returncode == 1
    assert "refused: not_enough_available; 10 could go" in refused.stdout
    assert ctl(brokers, "stock", "add", sku.name, -10, "--reason", "broken").returncode == 0
    assert units(sku.shown()) == [17, 7, 0, 0, 0, 10]


def test_a_key_of_another_act_is_refused(brokers, sku):
    assert ctl(brokers, "stock", "add", sku.name, 1, "--reason", "x", "--key", f"key of {sku.name}").returncode == 0
    other = ctl(brokers, "stock", "add", sku.name, 2, "--reason", "x", "--key", f"key of {sku.name}")
    assert other.returncode == 1
    assert "refused: key_reused" in other.stdout


def test_a_frozen_sku_is_frozen_until_it_is_let_go(brokers, sku):
    frozen = ctl(brokers, "freeze", sku.name, "on")
    assert frozen.returncode == 0
    assert frozen.stdout.startswith(f"freeze of {sku.name} on: accepted")
    assert sku.shown()["frozen"]
    key = re.fullmatch(r"key: (.*)\n", frozen.stderr)[1]
    again = ctl(brokers, "freeze", sku.name, "on", "--key", key)
    assert (again.returncode, ": duplicate (" in again.stdout) == (0, True)
    assert "FROZEN" in ctl(brokers, "sale", "show", sku.name).stdout
    assert ctl(brokers, "freeze", sku.name, "off").returncode == 0
    assert not sku.shown()["frozen"]


@pytest.mark.parametrize("option, available, withdrawn", [("--restock", 10, 0), ("--withdraw", 8, 2)])
def test_a_refund_gives_the_money_back_and_the_units_where_they_are_told(brokers, sku, option, available, withdrawn):
    order = sku.paid_order(f"gw{option}")
    assert until(lambda: units(sku.shown()), [17, 7, 8, 0, 2, 0]) == [17, 7, 8, 0, 2, 0]
    refunded = ctl(brokers, "refund", order, option, "--key", f"refund{option}")
    assert refunded.returncode == 0, refunded.stderr
    assert refunded.stdout.startswith(f"refund of order {order}: accepted")
    assert f"order {order} of user ann: 2 x {sku.name}" in refunded.stdout
    assert f"payment gw{option}: 1998 EUR in minor units have to be paid back" in refunded.stdout
    assert units(sku.shown()) == [17, 7, available, 0, 0, withdrawn]
    again = ctl(brokers, "refund", order, option, "--key", f"refund{option}")
    assert (again.returncode, ": duplicate (" in again.stdout) == (0, True)
    once_more = ctl(brokers, "refund", order, option)
    assert (once_more.returncode, "refused: already_closed" in once_more.stdout) == (1, True)

    settled = ctl(brokers, "refund", "settled", f"gw{option}", "--order", order)
    assert (settled.returncode, "were paid back" in settled.stdout) == (0, True)
    repeated = ctl(brokers, "refund", "settled", f"gw{option}", "--order", order)
    assert (repeated.returncode, ": duplicate (" in repeated.stdout) == (0, True)


def test_an_order_can_be_named_as_buyers_name_it(brokers, sku):
    order = sku.paid_order("gw-public")
    assert until(lambda: sku.shown()["sold"], 2) == 2
    digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    ticket = "".join(digits[order >> 5 * place & 31] for place in range(12, -1, -1))
    refunded = ctl(brokers, "refund", f"{ticket.lower()}-0123456789ab", "--restock")
    assert refunded.returncode == 0, refunded.stderr
    assert f"refund of order {order}: accepted" in refunded.stdout


def test_what_is_not_there_is_refused_with_the_reason(brokers, sku):
    unknown_order = sku.partition << 52 | TOPICS["generation"] << 44 | 999_999
    for words, reason in [
        (["stock", "add", "nothing-of-that-name", 1, "--reason", "x"], "unknown_sku"),
        (["freeze", "nothing-of-that-name", "on"], "unknown_sku"),
        (["refund", unknown_order, "--restock"], "unknown_order"),
        (["refund", "settled", "gw-nobody"], "unknown_payment"),
    ]:
        refused = ctl(brokers, *words)
        assert (refused.returncode, f"refused: {reason} (" in refused.stdout) == (1, True), words


def test_an_order_of_no_partition_is_told_so_and_nothing_is_sent(brokers):
    foreign = ctl(brokers, "refund", 4000 << 52 | 1 << 44 | 7, "--restock")
    assert foreign.returncode == 1
    assert "would be of partition 4000, but topic intents has 8: it is no order of this sluice. Nothing was sent" in foreign.stderr


def test_the_command_that_is_printed_after_a_time_out_counts_once(brokers, sku, tmp_path):
    """Kafka takes the intent, and the ledger is stopped: nobody knows, until the printed command is run."""
    silent = Stack(tmp_path / "stack")
    silent.up(only=["kafka"], private=True)
    try:
        address = silent.ports.address("kafka")
        assert ctl(address, "topics", "create", "--single-node").returncode == 0
        unknown = ctl(address, "stock", "add", sku.name, 5, "--reason", "it's new", "--timeout", 5)
    finally:
        silent.down()
    assert unknown.returncode == 3
    assert "no ledger has ruled on it within 5 s" in unknown.stderr
    command = unknown.stderr.splitlines()[-1].strip()
    assert command.startswith("sluicectl stock add ") and "--key ctl-" in command
    shell = command.replace("sluicectl", f"'{ctl.program}'", 1).replace(address, brokers).replace("--timeout 5", "--timeout 30")
    for outcome in ("accepted", "duplicate"):
        done = subprocess.run(["sh", "-c", shell], capture_output=True, text=True, timeout=60, check=True)
        assert f"stock of {sku.name} +5: {outcome} (" in done.stdout
    assert sku.shown()["available"] == 15
