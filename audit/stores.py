"""What Redis and MySQL hold, as plain values: read from the servers, or from a file of an earlier reading."""

import json
import time
from dataclasses import dataclass, field

import pymysql
import redis

from audit.compare_tables import TABLES
from audit.kafka_logs import CheckFailed

POLL_S = 0.1
SERVER_TIMEOUT_S = 10


@dataclass
class Stores:
    redis: dict = field(default_factory=dict)  # key -> {field: text}; None: Redis was not read
    mysql_orders: list = field(default_factory=list)  # {column: value}; None: MySQL was not read
    mysql_positions: list = field(default_factory=list)
    mysql_tables: dict = field(default_factory=dict)  # name -> rows, of those of compare_tables.py that are there
    dead_letters: list = field(default_factory=list)  # rows that MySQL refused, as dead_letters.refused_row says them

    def save(self, path):
        with open(path, "w", encoding="utf-8") as file:
            json.dump(vars(self), file, indent=1, sort_keys=True)

    @classmethod
    def load(cls, path):
        with open(path, encoding="utf-8") as file:
            return cls(**json.load(file))


def _until(reached, deadline):
    """Polls another program's progress; whoever compares afterwards names what is still missing."""
    while not reached() and time.monotonic() < deadline:
        time.sleep(POLL_S)


def read_redis(host, port, password, next_positions, wait_s):
    """All of sluice's keys, once `progress` has reached the positions (partition -> position of the next intent)."""
    client = redis.Redis(host=host, port=port, password=password, decode_responses=True, socket_timeout=SERVER_TIMEOUT_S)

    def has_caught_up():
        return all(int(client.hget(f"progress:{partition}", "version") or 0) >= position
                   for partition, position in next_positions.items())

    try:
        _until(has_caught_up, time.monotonic() + wait_s)
        keys = [key for pattern in ("stock:*", "order:*", "refunds:*", "progress:*", "kept_since:*") for key in client.scan_iter(pattern, count=1000)]
        found = {}
        for start in range(0, len(keys), 1000):
            pipeline = client.pipeline(transaction=False)
            chunk = keys[start : start + 1000]
            for key in chunk:
                pipeline.hgetall(key)
            found.update(zip(chunk, pipeline.execute()))
        return found
    except redis.RedisError as error:
        raise CheckFailed(f"Redis at {host}:{port}: {error}") from error


def read_mysql(host, port, user, password, database, next_positions, wait_s):
    """The rows of `orders`, `positions` and the other tables by name, once the sink has reached the positions."""
    try:
        connection = pymysql.connect(host=host, port=port, user=user, password=password, database=database, charset="utf8mb4",
                                     autocommit=True, connect_timeout=SERVER_TIMEOUT_S, read_timeout=6 * SERVER_TIMEOUT_S,
                                     cursorclass=pymysql.cursors.DictCursor)
    except pymysql.MySQLError as error:
        raise CheckFailed(f"MySQL at {host}:{port}: {error}") from error

    def rows(query):
        with connection.cursor() as cursor:
            cursor.execute(query)
            return list(cursor.fetchall())

    def has_caught_up():
        reached = {row["partition"]: row["next_offset"] for row in rows("SELECT * FROM positions")}
        return all(reached.get(partition, 0) >= position & ((1 << 44) - 1) for partition, position in next_positions.items())

    try:
        _until(has_caught_up, time.monotonic() + wait_s)
        there = {next(iter(row.values())) for row in rows("SHOW TABLES")}
        others = {name: rows(f"SELECT * FROM {name}") for name in TABLES if name in there}
        return rows("SELECT * FROM orders"), rows("SELECT * FROM positions"), others
    except pymysql.MySQLError as error:
        raise CheckFailed(f"MySQL at {host}:{port}: {error}") from error
    finally:
        connection.close()
