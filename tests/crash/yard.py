"""Where crash runs take place: one broker, one Redis and one MariaDB that outlive the runs, and for each run topics, a database and
folders that are new. The broker knows short sessions, and reads what time it is from a file (libfaketime)."""

import dataclasses
import os
import socket
import struct
import subprocess
import time
from pathlib import Path

import pymysql
import redis
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient, NewTopic
from folder import TREE, Folder
from kafka_server import SHORT_LIFE
from kafka_server import _java as java
from mariadb_server import USER
from ports import LOOPBACK, Ports
from stack import Stack

PARTITIONS = 3  # two ledgers have one and two of them, three have one each
TOPICS = {"intents": PARTITIONS, "orders": PARTITIONS, "dead-letters": 1}
# The build with failpoints, unless the variable names another one.
PROGRAMS = Path(os.environ.get("SLUICE_BIN") or TREE / "build/dev/bin")
SERVERS = ["kafka", "redis", "mariadb"]
_FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"
# Without the last one, Java's waits for a time take seconds longer than they should.
_CLOCK = ["FAKETIME_CACHE_DURATION=1", "FAKETIME_DONT_FAKE_MONOTONIC=1", "FAKETIME_FORCE_MONOTONIC_FIX=0"]
_BROKER_SETTINGS = """
group.min.session.timeout.ms=1000
# Deleted topics leave at once.
file.delete.delay.ms=100
log.segment.delete.delay.ms=100
"""


class _Servers(Stack):
    """A stack whose broker has more settings and a clock that can be set."""

    def programs(self, only=None):
        clock = [f"LD_PRELOAD={_FAKETIME}", f"FAKETIME_TIMESTAMP_FILE={self.clock}", *_CLOCK, *(f"{name}={value}" for name, value in SHORT_LIFE.items())]
        return [
            dataclasses.replace(program, command=["/usr/bin/env", *clock, *program.command]) if program.name == "kafka" else program
            for program in super().programs(only)
        ]

    @property
    def clock(self):
        return self.folder.path / "broker-clock"  # not among what a fresh start removes

    def _start(self, programs):
        settings = self.folder.settings("kafka.properties")
        if settings.exists() and _BROKER_SETTINGS not in settings.read_text():
            settings.write_text(settings.read_text() + _BROKER_SETTINGS)
        super()._start(programs)


class Yard:
    """`apart_from`: the folders of other yards, whose ports are left to them also while nothing listens there."""

    def __init__(self, path, apart_from=()):
        self.servers = _Servers(path)
        self.database = None
        self._others = [Ports.recorded(other) for other in (Folder(path).ports for path in apart_from) if other.exists()]

    def __enter__(self):
        self.servers.folder.create()
        self.set_clock("+0")
        self.servers.up(only=SERVERS, fresh=True, private=True, apart_from=self._others)
        return self

    def __exit__(self, *_):
        self.servers.down()

    def address(self, name):
        return self.servers.ports.address(name)

    def port(self, name):
        return self.servers.ports[name]

    def pid(self, server):
        return self.servers.supervision.states()[server]["pid"]

    def set_clock(self, offset):
        """Of the broker, e.g. "+3" seconds from now. It looks once a second."""
        fresh = self.servers.clock.with_suffix(".new")
        fresh.write_text(offset + "\n")
        fresh.rename(self.servers.clock)

    def redis(self):
        password = self.servers.folder.secret("redis_password").read_text()
        return redis.Redis(LOOPBACK, self.port("redis"), password=password, decode_responses=True, socket_timeout=5)

    def mysql(self, database=None):
        password = self.servers.folder.secret("mysql_password").read_text()
        return pymysql.connect(host=LOOPBACK, port=self.port("mariadb"), user=USER, password=password, database=database, autocommit=True,
                               client_flag=pymysql.constants.CLIENT.MULTI_STATEMENTS)

    def make_ready(self, run):
        """Nothing of the run before is left where this one looks."""
        self.remake_topics(TOPICS)
        self.redis().flushall()
        self._make_database(f"sluice_{run}")

    def remake_topics(self, topics):
        """Deletes those that are there and makes them anew, as `sluicectl topics create` would."""
        admin = self.admin()
        wait_until(lambda: _gone(admin, topics), "topics are not deleted")
        wanted = [NewTopic(name, count, 1, config=_config(name)) for name, count in topics.items()]
        for future in admin.create_topics(wanted, operation_timeout=10).values():
            future.result()
        wait_until(lambda: _led(admin, topics), "topics have no leaders")

    def admin(self):
        return AdminClient({"bootstrap.servers": self.address("kafka"), "log_level": 0})

    def delete_records(self, topic, partition, until):
        """All below an offset. Debian's Python client cannot, so this is Kafka's own DeleteRecords (api 21, version 0): topics of
        (name, partitions of (number, offset)), and how long the broker may take."""
        name = topic.encode()
        body = struct.pack(">hhih", 21, 0, 1, -1) + struct.pack(">ih", 1, len(name)) + name + struct.pack(">iiqi", 1, partition, until, 10_000)
        with socket.create_connection((LOOPBACK, self.port("kafka")), timeout=20) as connection:
            connection.sendall(struct.pack(">i", len(body)) + body)
            answer = connection.makefile("rb").read(4 + 4 + 4 + 4 + 2 + len(name) + 4 + 4 + 8 + 2)
        code = struct.unpack(">h", answer[-2:])[0]
        if code:
            raise AssertionError(f"the broker does not delete the records of {topic}: error {code}")

    def transactions(self, *words):
        """What Kafka's own tool for transactions says."""
        command = [*java("-XX:TieredStopAtLevel=1"), "org.apache.kafka.tools.TransactionsCommand", "--bootstrap-server", self.address("kafka")]
        return subprocess.run([*command, *words], capture_output=True, text=True, check=True).stdout

    def open_transactions(self, topic, partition):
        """Where they start."""
        rows = self.transactions("describe-producers", "--topic", topic, "--partition", str(partition)).splitlines()[1:]
        return [row.split()[-1] for row in rows if row.strip() and row.split()[-1] != "None"]

    def empty_database(self):
        self._make_database(self.database)

    def _make_database(self, name):
        with self.mysql() as connection, connection.cursor() as cursor:
            if self.database:
                cursor.execute(f"DROP DATABASE IF EXISTS `{self.database}`")
            cursor.execute(f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4")
        with self.mysql(name) as connection, connection.cursor() as cursor:
            for file in sorted((TREE / "schemas/mysql").glob("*.sql")):
                cursor.execute(file.read_text())
                while cursor.nextset():
                    pass
        self.database = name


def wait_until(true, failure, patience_seconds=30):
    until = time.monotonic() + patience_seconds
    while not true():
        if time.monotonic() > until:
            raise TimeoutError(f"{failure} within {patience_seconds} s")
        time.sleep(0.02)


def _config(name):
    more = {"message.timestamp.type": "LogAppendTime"} if name != "dead-letters" else {}
    if name == "orders":
        more["max.message.bytes"] = str(8 << 20)
    return more | {"cleanup.policy": "delete", "retention.ms": str(14 * 24 * 3600 * 1000) if name == "intents" else "-1"}


def _gone(admin, topics):
    there = [name for name in admin.list_topics(timeout=10).topics if name in topics]
    for future in (admin.delete_topics(there, operation_timeout=10) if there else {}).values():
        try:
            future.result()
        except KafkaException:
            pass
    return not there


def _led(admin, topics):
    found = admin.list_topics(timeout=10).topics
    return all(
        name in found and len(found[name].partitions) == count and all(each.leader >= 0 for each in found[name].partitions.values())
        for name, count in topics.items()
    )
