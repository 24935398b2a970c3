"""Every daemon, for real, while its servers are not there yet, go away and come back. One stack of its own; the tests take it from
nothing to everything and run in their order."""

import os
import re
import signal
import subprocess
import time

import daemons
import mariadb_server
import pytest
from admin_page import AdminPage
from stack import Stack

SERVERS = ["kafka", "redis", "mariadb"]
NAMES = {"ingest": "ingest-1", "ledger": "ledger-1", "sink": "sink", "reaper": "reaper"}
# The start of Kafka, then the longest pause between two attempts (5 s), on a machine that does other things too.
PATIENCE_SECONDS = 90
PROMPT_SECONDS = 5
AWAY_SECONDS = 10
LINES_MAX = 20  # one for each of 8 partitions that a ledger has to give up, and some for what happened


class Daemon:
    def __init__(self, stack, kind, log, **variables):
        name = NAMES[kind]
        self.kind = kind
        self.admin = AdminPage(stack.ports[daemons.admin_port(name)])
        self._log = log / f"{kind}.log"
        with open(self._log, "a") as output:
            self.process = subprocess.Popen(
                [daemons.binary(f"sluice-{kind}"), "--config", str(stack.folder.settings(f"{name}.yaml"))],
                env={**os.environ, **variables},
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def said(self):
        return self._log.read_text()

    def comes_to(self, what, seconds=PATIENCE_SECONDS):
        until = time.monotonic() + seconds
        while not what():
            assert self.process.poll() is None, f"{self.kind} has ended:\n{self.said()}"
            assert time.monotonic() < until, f"{self.kind}:\n{self.said()}"
            time.sleep(0.05)

    def comes_to_say(self, words):
        self.comes_to(lambda: words in self.said())

    def ends_by_itself(self):
        """Its exit code."""
        return self.process.wait(PATIENCE_SECONDS)

    def stop(self):
        """Its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PROMPT_SECONDS)


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    stack = Stack(tmp_path_factory.mktemp("servers") / "stack")
    try:
        stack.up(only=SERVERS, private=True)
        mariadb_server.create_tables(stack.folder, stack.ports)
        yield stack
    finally:
        stack.down()


@pytest.fixture
def start(stack, tmp_path):
    """Starts a daemon; what still runs at the end is killed."""
    started = []

    def start(kind, **variables):
        started.append(Daemon(stack, kind, tmp_path, **variables))
        return started[-1]

    yield start
    for daemon in started:
        daemon.process.kill()
        daemon.process.wait()


def stop_servers(stack):
    for name in SERVERS:
        stack.supervision.stop(name)


def test_without_topics_they_end_with_the_command_that_makes_them(start):
    for daemon in [start(kind) for kind in NAMES]:
        assert daemon.ends_by_itself() == 1
        assert re.search(r"error sluice-\w+ ends: topic \S+ is missing at \S+ `sluicectl topics create --brokers ", daemon.said())


def test_with_another_number_of_partitions_they_end_saying_so(stack, start):
    daemons.create_topics(stack.ports)
    for daemon in [start(kind, SLUICE_TOPICS_PARTITIONS="5") for kind in NAMES]:
        assert daemon.ends_by_itself() == 1
        assert re.search(r"ends: topic \w+ has 8 partitions, but topics.partitions is 5: put the topic's number", daemon.said())


def test_without_servers_they_wait_and_stop_at_once_when_asked_to(stack, start):
    stop_servers(stack)
    waiting = [start(kind) for kind in NAMES]
    for daemon in waiting:
        daemon.comes_to_say(f"waiting for Kafka at {stack.ports.address('kafka')}")
        assert daemon.admin.get("/livez") == (200, "ok\n")
        assert daemon.admin.get("/readyz")[0] == 503
        assert daemon.admin.get("/metrics")[0] == 200
    for daemon in waiting:
        assert daemon.stop() == 0, daemon.said()
        assert "ends: it was asked to stop" in daemon.said()


def test_they_begin_to_work_when_their_servers_come(stack, start):
    by_kind = {kind: start(kind) for kind in NAMES}
    for daemon in by_kind.values():
        daemon.comes_to_say("waiting for Kafka")
    by_kind["ledger"].comes_to_say(f"Redis at {stack.ports.address('redis')} cannot be reached")
    stack.supervision.start("kafka")
    for kind in ("ingest", "ledger", "reaper"):
        by_kind[kind].comes_to(by_kind[kind].admin.is_ready)
    by_kind["sink"].comes_to_say("Can't connect")
    assert not by_kind["sink"].admin.is_ready()
    stack.supervision.start("mariadb")
    by_kind["sink"].comes_to(by_kind["sink"].admin.is_ready)
    stack.supervision.start("redis")
    by_kind["ledger"].comes_to_say(f"connected to Redis at {stack.ports.address('redis')}")
    for daemon in by_kind.values():
        _expect_only_described_metrics(daemon)
        assert daemon.stop() == 0, daemon.said()


def _expect_only_described_metrics(daemon):
    table = subprocess.run([daemons.binary(f"sluice-{daemon.kind}"), "--describe-metrics"], capture_output=True, text=True, check=True).stdout
    described = set(re.findall(r"^\| `(\w+)`", table, re.MULTILINE))
    shown = set(re.findall(r"^# TYPE (\w+)", daemon.admin.get("/metrics")[1], re.MULTILINE))
    assert shown and shown <= described


@pytest.mark.parametrize("server", SERVERS)
def test_a_server_that_goes_away_and_comes_back_is_news_twice_and_no_flood(stack, start, server):
    running = [start(kind) for kind in NAMES]
    for daemon in running:
        daemon.comes_to(daemon.admin.is_ready)
    before = {daemon.kind: len(daemon.said()) for daemon in running}
    stack.supervision.stop(server)
    time.sleep(AWAY_SECONDS)
    for daemon in running:
        lines = daemon.said()[before[daemon.kind] :].splitlines()
        assert len(lines) <= LINES_MAX, "\n".join(lines)
    stack.supervision.start(server)
    for daemon in running:
        daemon.comes_to(daemon.admin.is_ready)
        assert daemon.stop() == 0, daemon.said()
