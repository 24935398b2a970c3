"""A ledger of its own, on a Kafka of a test's own, and what a test asks of it and of sluicectl."""

import json
import os
import re
import signal
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

import daemons
import yaml
from admin_page import AdminPage
from confluent_kafka import Producer
from stack import Stack

from audit.messages import intents

MAGIC = 0x31494C53
PATIENCE_SECONDS = 30
SALE = """sku: {sku}
sale_id: spring
title: "A box"
price_minor: 999
currency: EUR
limit_per_user: 5
slots:
  - {{opens: 2020-01-01T00:00:00Z, closes: +1h, quantity: 1000}}
"""


def comes_true(asked, said=lambda: ""):
    until = time.monotonic() + PATIENCE_SECONDS
    while not (found := asked()):
        assert time.monotonic() < until, said()
        time.sleep(0.05)
    return found


@contextmanager
def kafka_with_topics(folder):
    """A stack with nothing else."""
    stack = Stack(folder)
    try:
        stack.up(only=["kafka"], private=True)
        daemons.create_topics(stack.ports)
        yield stack
    finally:
        stack.down()


class Ledger:
    """Runs from its making to its stop(). `settings` replace those of the stack's first ledger."""

    def __init__(self, stack, folder, **settings):
        self.stack, self.folder = stack, Path(folder)
        self.state = self.folder / "state"
        self.settings = settings
        self.log = self.folder / "ledger.log"
        self.start()

    def start(self):
        config = yaml.safe_load(self.stack.folder.settings("ledger-1.yaml").read_text())
        config["state"] = {"directory": str(self.state)}
        for name, value in self.settings.items():
            group, key = name.split("__")
            config.setdefault(group, {})[key] = value
        file = self.folder / "ledger.yaml"
        file.write_text(yaml.safe_dump(config))
        self.admin = AdminPage(config["admin"]["port"])
        self._begins = self.log.stat().st_size if self.log.exists() else 0
        with open(self.log, "a") as output:
            self.process = subprocess.Popen([daemons.binary("sluice-ledger"), "--config", str(file)], stdout=output, stderr=output)

    def said(self):
        """Since it was last started."""
        return self.log.read_bytes()[self._begins :].decode()

    def get(self, path):
        return self.admin.get(path)

    def is_ready(self):
        assert self.process.poll() is None, self.said()
        return self.admin.is_ready()

    def comes_to_run(self):
        comes_true(self.is_ready, self.said)

    def comes_to_say(self, pattern):
        return comes_true(lambda: re.search(pattern, self.said()), self.said)

    def metric(self, name, **labels):
        wanted = {f'{key}="{value}"' for key, value in labels.items()}
        for line in self.get("/metrics")[1].splitlines():
            found = re.fullmatch(r"(\w+)(?:\{(.*)\})? (\S+)", line)
            if found and found[1] == name and wanted <= set((found[2] or "").split(",")):
                return float(found[3])
        return None

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(PATIENCE_SECONDS)


class Sku:
    """A sale that runs, in a partition of its own."""

    def __init__(self, brokers, name, folder):
        self.brokers, self.name = brokers, re.sub("[^a-z0-9]+", "-", name)[:60]
        file = Path(folder) / f"{self.name}.yaml"
        file.write_text(SALE.format(sku=self.name))
        applied = ctl(brokers, "sale", "apply", file)
        assert applied.returncode == 0, applied.stderr
        self.partition = int(re.search(r"partition (\d+)", applied.stdout)[1])
        self._producer = Producer({"bootstrap.servers": brokers, "linger.ms": 0})

    def buy(self, user, producer=None):
        """Appends a purchase. Its offset."""
        told = []
        purchase = intents.Purchase(sku=self.name, user=user, request_key=user, quantity=1)
        message = intents.Intent(magic=MAGIC, purchase=purchase).SerializeToString()
        producer = self._producer if producer is None else producer  # an idle one is false
        producer.produce("intents", message, partition=self.partition, on_delivery=lambda _, sent: told.append(sent.offset()))
        producer.flush()
        return told[0]

    def inspect(self, *more):
        asked = ctl(self.brokers, "partition", "inspect", self.partition, "--json", *more)
        assert asked.returncode in (0, 1), asked.stderr
        return json.loads(asked.stdout)

    def comes_to(self, position):
        comes_true(lambda: self.inspect()["next"] == position, lambda: json.dumps(self.inspect()))


def ctl(brokers, *arguments):
    environment = {**os.environ, "SLUICE_KAFKA_BROKERS": brokers}
    return subprocess.run([daemons.binary("sluicectl"), *map(str, arguments)], env=environment, capture_output=True, text=True,
                          timeout=60, check=False)
