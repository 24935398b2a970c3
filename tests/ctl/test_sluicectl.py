"""sluicectl itself, on a real Kafka of its own, with a ledger that rules as the test says."""

import threading

import pytest
from confluent_kafka import OFFSET_BEGINNING, Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, ConfigResource, NewTopic
from daemons import TOPICS
from running import ctl
from stack import Stack

from audit.messages import intents, records

PARTITIONS = TOPICS["partitions"]
SALE = """sku: {sku}
sale_id: spring
price_minor: 999
currency: EUR
limit_per_user: 2
slots:
  - {{opens: +5s, closes: +10m, quantity: 200}}
"""


def complains_about_missing_topics(address):
    """Before they are made; afterwards they are there for ever."""
    checked = ctl(address, "topics", "check", "--single-node", "--timeout", 2)
    assert checked.returncode == 3
    assert "topic intents is missing" in checked.stderr and "What is missing, `sluicectl topics create` makes" in checked.stderr
    for words in (["stock", "add", "mask", 1, "--reason", "x"], ["freeze", "mask", "on"], ["refund", "settled", "gw-1"]):
        done = ctl(address, *words, "--timeout", 2)
        assert done.returncode == 3, words
        assert "topic intents is missing" in done.stderr and "`sluicectl topics create` makes it; nothing was sent" in done.stderr
    shown = ctl(address, "sale", "show", "--timeout", 2)
    assert (shown.returncode, "topic orders is missing" in shown.stderr) == (3, True)


@pytest.fixture(scope="module")
def brokers(tmp_path_factory):
    stack = Stack(tmp_path_factory.mktemp("ctl") / "stack")
    stack.up(only=["kafka"], private=True)
    address = stack.ports.address("kafka")
    complains_about_missing_topics(address)
    created = ctl(address, "topics", "create", "--single-node", "--partitions", PARTITIONS)
    assert created.stdout.splitlines() == [
        "topic intents: created with 8 partitions, replication 1",
        "topic orders: created with 8 partitions, replication 1",
        "topic dead-letters: created with 1 partition, replication 1",
    ]
    yield address
    stack.down()


class Ledger:
    """Rules on every intent of all partitions; a verdict a record, after as many refusals as there were intents before."""

    def __init__(self, brokers, outcome, reason=records.REASON_UNSPECIFIED):
        self._verdict = records.Verdict(outcome=outcome, reason=reason)
        self._intents = Consumer({"bootstrap.servers": brokers, "group.id": "unused", "enable.auto.commit": False})
        self._orders = Producer({"bootstrap.servers": brokers, "linger.ms": 0})
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.seen = []

    def __enter__(self):
        self._intents.assign([TopicPartition("intents", partition, OFFSET_BEGINNING) for partition in range(PARTITIONS)])
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._ended.set()
        self._thread.join()
        self._intents.close()

    def _run(self):
        while not self._ended.is_set():
            message = self._intents.poll(0.1)
            if message is None or message.error():
                continue
            self.seen.append(intents.Intent.FromString(message.value()))
            record = records.OrderRecord(first_offset=0, last_offset=message.offset())
            for _ in range(message.offset()):
                record.unchanged.verdicts.add(outcome=records.REFUSED, reason=records.SOLD_OUT)
            record.unchanged.verdicts.append(self._verdict)
            self._orders.produce("orders", record.SerializeToString(), partition=message.partition())
            self._orders.flush()


@pytest.fixture
def sale(tmp_path, request):
    """A file with a sale of a SKU that no other test uses."""
    file = tmp_path / "sale.yaml"
    file.write_text(SALE.format(sku=request.node.name[:64]))
    return file


def test_a_sale_that_the_ledger_accepts_is_done(brokers, sale):
    with Ledger(brokers, records.ACCEPTED) as ledger:
        done = ctl(brokers, "sale", "apply", sale)
    assert done.stderr == ""
    assert done.returncode == 0
    assert done.stdout.startswith("sale spring version 1 of test_a_sale_that_the_ledger_accepts_is_done: accepted (partition ")
    defined = ledger.seen[-1].define_sale
    assert (defined.sku, defined.price_minor, defined.slots[0].quantity) == ("test_a_sale_that_the_ledger_accepts_is_done", 999, 200)


def test_a_sale_that_was_accepted_before_is_done(brokers, sale):
    with Ledger(brokers, records.DUPLICATE):
        done = ctl(brokers, "sale", "apply", sale)
    assert done.returncode == 0
    assert ": duplicate (" in done.stdout


def test_a_sale_that_the_ledger_refuses_is_an_error_with_the_reason(brokers, sale):
    with Ledger(brokers, records.REFUSED, records.SALE_RUNNING):
        done = ctl(brokers, "sale", "apply", sale)
    assert done.returncode == 1
    assert ": refused: sale_running (" in done.stdout


def test_the_first_sale_that_is_refused_ends_the_command(brokers, tmp_path):
    file = tmp_path / "sales.yaml"
    file.write_text(SALE.format(sku="first") + "---\n" + SALE.format(sku="second"))
    with Ledger(brokers, records.REFUSED, records.LOWER_VERSION) as ledger:
        done = ctl(brokers, "sale", "apply", file)
    assert (done.returncode, len(done.stdout.splitlines())) == (1, 1)
    assert "second" not in [intent.define_sale.sku for intent in ledger.seen]


def test_without_a_ledger_the_verdict_is_unknown_and_the_command_may_be_run_again(brokers, sale):
    done = ctl(brokers, "sale", "apply", sale, "--timeout", 1)
    assert done.returncode == 3
    assert "no ledger has ruled on it within 1 s" in done.stderr
    assert done.stderr.splitlines()[-1].strip() == f"sluicectl sale apply {sale} --brokers {brokers} --timeout 1"
    with Ledger(brokers, records.ACCEPTED):
        assert ctl(brokers, "sale", "apply", sale).returncode == 0


def test_without_kafka_nothing_was_sent(sale):
    done = ctl("127.0.0.1:1", "sale", "apply", sale, "--timeout", 1)
    assert done.returncode == 3
    assert "nothing was sent" in done.stderr


def test_a_mistake_in_any_file_keeps_all_from_being_sent(brokers, sale, tmp_path):
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(SALE.format(sku="soap").replace("EUR", "euro"))
    with Ledger(brokers, records.ACCEPTED) as ledger:
        done = ctl(brokers, "sale", "apply", sale, wrong)
    assert done.returncode == 2
    assert done.stderr == f"sluicectl: {wrong}:4: currency must be three capitals, as in ISO 4217\n"
    assert sale.read_text().split()[1] not in [intent.define_sale.sku for intent in ledger.seen]


def test_creating_topics_again_changes_nothing(brokers):
    done = ctl(brokers, "topics", "create", "--single-node")
    assert done.returncode == 0
    assert done.stdout.splitlines() == [f"topic {name}: is there, with the right settings" for name in ("intents", "orders", "dead-letters")]


def test_a_topic_with_another_number_of_partitions_is_an_error(brokers):
    done = ctl(brokers, "topics", "create", "--single-node", "--partitions", 3)
    assert done.returncode == 1
    assert "topic intents has 8 partitions, not 3" in done.stderr


def test_one_broker_must_be_chosen_in_so_many_words(brokers):
    done = ctl(brokers, "topics", "check")
    assert done.returncode == 1
    assert "min.insync.replicas=1, but must have at least 2" in done.stderr


def test_one_copy_must_be_chosen_in_so_many_words_too(brokers):
    admin = AdminClient({"bootstrap.servers": brokers})

    def demand_two_in_sync(wanted):
        """Of all topics; what else is set on them stays."""
        for topic in ("intents", "orders", "dead-letters"):
            described = next(iter(admin.describe_configs([ConfigResource("topic", topic)]).values())).result()
            own = {name: entry.value for name, entry in described.items() if entry.source == 1 and name != "min.insync.replicas"}
            resource = ConfigResource("topic", topic, own | ({"min.insync.replicas": "2", "unclean.leader.election.enable": "false"} if wanted else {}))
            for done in admin.alter_configs([resource]).values():
                done.result()

    demand_two_in_sync(True)
    done = ctl(brokers, "topics", "check")
    demand_two_in_sync(False)
    assert done.returncode == 1
    assert "topic intents has 1 copy of a partition, but must have at least 3" in done.stderr
    assert "--single-node" in done.stderr
    assert ctl(brokers, "topics", "check", "--single-node").returncode == 0


def test_topics_of_different_sizes_are_of_no_sluice(tmp_path):
    stack = Stack(tmp_path / "stack")
    stack.up(only=["kafka"], private=True)
    try:
        address = stack.ports.address("kafka")
        admin = AdminClient({"bootstrap.servers": address})
        for done in admin.create_topics([NewTopic("intents", 3, 1), NewTopic("orders", 2, 1)]).values():
            done.result()
        done = ctl(address, "freeze", "mask", "on")
    finally:
        stack.down()
    assert done.returncode == 1
    assert "topic intents has 3 partitions, but orders has 2" in done.stderr


def test_a_topic_with_a_wrong_setting_is_an_error_with_the_remedy(brokers):
    admin = AdminClient({"bootstrap.servers": brokers})

    def keep_orders_for(milliseconds):
        others = {"message.timestamp.type": "LogAppendTime", "max.message.bytes": str(8 << 20)}
        resource = ConfigResource("topic", "orders", {"retention.ms": milliseconds, **others})
        for done in admin.alter_configs([resource]).values():
            done.result()

    keep_orders_for("60000")
    done = ctl(brokers, "topics", "check", "--single-node")
    assert done.returncode == 1
    assert "topic orders has retention.ms=60000, but must have -1 (orders is the ledger's redo log)" in done.stderr
    assert "--entity-name orders --add-config retention.ms=-1" in done.stderr
    keep_orders_for("-1")
    assert ctl(brokers, "topics", "check", "--single-node").returncode == 0


@pytest.mark.parametrize("arguments", [[], ["sale"], ["sale", "apply"], ["topics", "create", "--partitions", "0"], ["buy"],
                                       ["topics", "create", "--replication", "2"], ["stock", "add", "mask"], ["stock", "add", "mask", "many", "--reason", "x"],
                                       ["stock", "add", "mask", "1"], ["freeze", "mask"], ["freeze", "mask", "maybe"], ["refund"], ["refund", "123"],
                                       ["refund", "--restock"], ["refund", "123", "--restock", "--withdraw"], ["refund", "settled"]])
def test_a_command_that_is_none_is_told_so(arguments):
    done = ctl("127.0.0.1:1", *arguments)
    assert done.returncode == 2
    assert "Run with --help for more information" in done.stdout + done.stderr


@pytest.mark.parametrize("arguments, problem", [
    (["refund", "mask", "--restock"], "'mask' is no order: give its ticket in decimal, or its public id"),
    (["refund", "settled", "gw-1", "--order", "77"], "'77' is no order"),
    (["stock", "add", "a mask", "1", "--reason", "x"], "sku must be"),
    (["stock", "add", "mask", "0", "--reason", "x"], "delta must"),
    (["stock", "add", "mask", "1", "--reason", "x" * 201], "reason must"),
    (["freeze", "mask", "on", "--key", "k" * 65], "request key must"),
])
def test_a_value_that_cannot_be_right_is_refused_before_anything_is_sent(arguments, problem):
    done = ctl("127.0.0.1:1", *arguments)
    assert done.returncode == 2
    assert problem in done.stderr


@pytest.mark.parametrize("command", ["sale", "sale apply", "sale show", "stock", "stock add", "freeze", "refund", "refund settled", "topics create", "topics check"])
def test_every_command_explains_itself(command):
    done = ctl("127.0.0.1:1", *command.split(), "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) > 5
