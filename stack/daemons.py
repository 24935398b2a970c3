"""sluice's own daemons and the shop: their settings and how they are run."""

import os
import subprocess
import sys

import yaml

from folder import TREE
from health import http_problem
from mariadb_server import DATABASE, USER
from ports import LOOPBACK
from problem import Problem
from program import DAEMONS, Program

INGESTS = ["ingest-1", "ingest-2"]
LEDGERS = ["ledger-1", "ledger-2"]
SINKS = ["sink"]
REAPERS = ["reaper"]
SHOP = "shop"
TOPICS = {"generation": 1, "partitions": 8}


def admin_port(name):
    """The name of a daemon's port for health and metrics."""
    return name.replace("-", "_") + "_admin"


def write_settings(folder, ports):
    for name in INGESTS + LEDGERS + SINKS + REAPERS:
        settings = _shared(ports, name) | _OWN[name.split("-")[0]](folder, ports, name)
        folder.write_settings(f"{name}.yaml", yaml.safe_dump(settings, sort_keys=False))


def programs(folder, ports):
    return [*(_daemon(folder, ports, name) for name in INGESTS + LEDGERS + SINKS + REAPERS), _shop(folder, ports)]


def binary(name):
    """A program of the release build, e.g. "sluice-ledger". The variable SLUICE_BIN names the folder of another build."""
    return os.path.join(os.environ.get("SLUICE_BIN") or TREE / "build/release/bin", name)


def create_topics(ports):
    """Those that are missing; all are checked."""
    options = ["--brokers", ports.address("kafka"), "--single-node", "--partitions", str(TOPICS["partitions"])]
    sluicectl([*"topics create".split(), *options], "Kafka's topics")


def sluicectl(arguments, what):
    """What it says. An error says what it was for."""
    try:
        done = subprocess.run([binary("sluicectl"), *arguments], capture_output=True, text=True, check=False)
    except OSError as error:
        raise Problem(f"{binary('sluicectl')}: {error.strerror}; `make build` makes it") from error
    if done.returncode:
        raise Problem(f"{what}: {(done.stderr or done.stdout).strip()}")
    return done.stdout


def payments_journal(folder):
    """What the gateway of the shop was paid and has told."""
    return folder.run("payments.jsonl")


def _daemon(folder, ports, name):
    admin = admin_port(name)
    listening = [admin, name.replace("-", "_")] if name in INGESTS else [admin]
    return Program(
        name,
        [binary("sluice-" + name.split("-")[0]), "--config", str(folder.settings(f"{name}.yaml"))],
        DAEMONS,
        lambda: http_problem(f"http://{ports.address(admin)}/readyz"),
        ports=listening,
        hold=folder.hold(name),
    )


def _shop(folder, ports):
    command = [sys.executable, str(TREE / "stack/shop.py"), "serve", "--port", str(ports["shop"]), "--front", ports.address("front")]
    secrets = ["--secret-file", str(folder.secret("jwt_hs256")), "--webhook-secret-file", str(folder.secret("webhook_hmac"))]
    return Program(
        SHOP,
        [*command, *secrets, "--journal", str(payments_journal(folder))],
        DAEMONS,
        lambda: http_problem(f"http://{ports.address('shop')}/livez"),
        ports=["shop"],
    )


def _shared(ports, name):
    return {
        "kafka": {"brokers": ports.address("kafka")},
        "topics": TOPICS,
        "admin": {"address": LOOPBACK, "port": ports[admin_port(name)]},
    }


def _redis(folder, ports):
    return {"host": LOOPBACK, "port": ports["redis"], "password_file": str(folder.secret("redis_password"))}


def _ingest(folder, ports, name):
    return {
        "http": {"address": LOOPBACK, "port": ports[name.replace("-", "_")]},
        "jwt": {"hs256_secret_file": str(folder.secret("jwt_hs256"))},
        "ids": {"hmac_key_files": [str(folder.secret("id_hmac"))]},
        "webhook": {"secret_files": [str(folder.secret("webhook_hmac"))]},
        "redis": _redis(folder, ports),
    }


def _ledger(folder, ports, name):
    return {
        "application": "sluice-ledger",
        "instance": name,
        "state": {"directory": str(folder.data(name))},
        "redis": _redis(folder, ports),
    }


def _sink(folder, ports, _name):
    mysql = {"host": LOOPBACK, "port": ports["mariadb"], "user": USER, "database": DATABASE}
    return {"mysql": mysql | {"password_file": str(folder.secret("mysql_password"))}}


def _reaper(_folder, _ports, name):
    return {"instance": name}


_OWN = {"ingest": _ingest, "ledger": _ledger, "sink": _sink, "reaper": _reaper}
