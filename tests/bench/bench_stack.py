"""Where a bench runs: Kafka and Redis of its own, topics made anew, and bench_kafka, which does to Kafka what has to be fast."""

import json
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

TREE = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TREE / "stack"))

import redis  # noqa: E402
from confluent_kafka import KafkaException  # noqa: E402
from confluent_kafka.admin import AdminClient, NewTopic  # noqa: E402

import daemons  # noqa: E402 stack/ is no package: its programs are run by path
from folder import MARK  # noqa: E402
from ports import LOOPBACK  # noqa: E402
from problem import Problem  # noqa: E402
from process_cost import cost_of  # noqa: E402
from stack import Stack  # noqa: E402
from waiting import wait_for  # noqa: E402

INTENTS, ORDERS, LIMIT, PEER = "intents", "orders", "limit", "peer-orders"
_TOOL = TREE / "build/release/tests/bench/bench_kafka"
_ANSWER_SECONDS = 30
# Of the longest act: ten million intents. Rates are not what this bounds.
_ACT_SECONDS = 300


class BenchStack:
    def __init__(self, folder):
        # Where a scheduler deals out CPU by session (autogroups), a broker in another session than its clients stands still for
        # 100 ms at times, with little work waiting: pauses of its collector then are what is measured.
        self.stack = Stack(folder, attached=True)
        self._admin = None

    @contextmanager
    def running(self):
        try:
            self.stack.up(only=["kafka", "redis"], fresh=True, private=True)
            self._admin = AdminClient({"bootstrap.servers": self.brokers, "log_level": 0})
            yield self
        finally:
            self.stack.down()

    @property
    def brokers(self):
        return self.stack.ports.address("kafka")

    @property
    def mark(self):
        """For the environment of every process that is started beside the stack: its end ends them too."""
        return {MARK: str(self.stack.folder.path)}

    def broker_cpu_seconds(self):
        return cost_of(self.stack.supervision.states()["kafka"]["pid"]).cpu_seconds

    def make_topics(self, partitions, names=(INTENTS, ORDERS)):
        """Empty ones, whatever stood there; and everything that the peer has made."""
        gone = [name for name in self._topics() if name in names or name.startswith("kafka-streams-")]
        self._finish(self._admin.delete_topics(gone, operation_timeout=_ANSWER_SECONDS) if gone else {})
        wait_for(f"the end of {', '.join(gone)}", lambda: not set(gone) & set(self._topics()), _ANSWER_SECONDS)
        if {INTENTS, ORDERS} & set(names):
            options = ["--brokers", self.brokers, "--single-node", "--partitions", str(partitions)]
            daemons.sluicectl(["topics", "create", *options], "Kafka's topics")
        # The broker's clock is the bench's: it says when each record was appended.
        config = {"message.timestamp.type": "LogAppendTime", "max.message.bytes": str(8 << 20)}
        more = [NewTopic(name, partitions, 1, config=config) for name in names if name in (LIMIT, PEER)]
        self._finish(self._admin.create_topics(more, operation_timeout=_ANSWER_SECONDS) if more else {})
        # The controller has made them; the broker hears of it a moment later.
        wait_for(f"{', '.join(names)} on the broker", lambda: all(self._is_led(name, partitions) for name in names), _ANSWER_SECONDS)

    def _topics(self):
        return self._admin.list_topics(timeout=_ANSWER_SECONDS).topics

    def _is_led(self, name, partitions):
        there = self._topics().get(name)
        return there is not None and len(there.partitions) == partitions and all(part.leader >= 0 for part in there.partitions.values())

    def empty_redis(self):
        password = self.stack.folder.secret("redis_password").read_text()
        with redis.Redis(LOOPBACK, self.stack.ports["redis"], password=password, socket_timeout=_ANSWER_SECONDS) as client:
            client.flushall()

    def act(self, *words, seconds=_ACT_SECONDS, partitions=1):
        """Runs bench_kafka to its end. Its last line, which is JSON, or nothing."""
        with self.begin(*words, partitions=partitions) as process:
            return ended(process, words[0], seconds)

    @contextmanager
    def begin(self, *words, partitions=1):
        """bench_kafka as a process, with both ends of its talk."""
        command = [_TOOL, "--brokers", self.brokers, "--partitions", partitions, *words]
        try:
            process = subprocess.Popen(list(map(str, command)), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        except OSError as error:
            raise Problem(f"{_TOOL}: {error.strerror}; `make build` makes it") from error
        try:
            yield process
        finally:
            process.kill()
            process.wait()
            process.stdin.close()
            process.stdout.close()

    def _finish(self, answers):
        for name, answer in answers.items():
            try:
                answer.result(_ANSWER_SECONDS)
            except KafkaException as error:
                raise Problem(f"topic {name}: {error.args[0].str()}") from error


def ended(process, name, seconds):
    """The last line, as JSON, of a process that ends well within `seconds`."""
    try:
        said, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        raise Problem(f"bench_kafka {name} has not ended within {seconds} s") from None
    if process.returncode:
        raise Problem(f"bench_kafka {name} ended with {process.returncode}; its words are above")
    lines = said.strip().splitlines()
    return json.loads(lines[-1]) if lines else {}
