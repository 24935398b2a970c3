"""Kafka as one process that is broker and controller (KRaft)."""

import base64
import uuid
from pathlib import Path

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from folder import TREE
from problem import Problem
from program import SERVERS, FirstData, Program

NAME = "kafka"
# For brokers that live for seconds: they never earn back what Java's better compiler costs.
SHORT_LIFE = {"JDK_JAVA_OPTIONS": "-XX:TieredStopAtLevel=1"}
_JARS = TREE / "build/kafka/lib"
_SETTINGS = """process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{controller}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://{broker},CONTROLLER://{controller}
advertised.listeners=PLAINTEXT://{broker}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={data}
auto.create.topics.enable=false
# One broker: every internal topic has one copy, and few partitions, which cost files and start-up time.
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=1
# The first member of a group gets its work at once, instead of after 3 s.
group.initial.rebalance.delay.ms=0
num.network.threads=2
num.io.threads=4
log.cleaner.dedupe.buffer.size=16777216
"""


def write_settings(folder, ports):
    _write(folder, ports, "kafka.properties", folder.data(NAME))


def first_data(folder, ports):
    """None when there are data."""
    place = folder.data(NAME)
    if place.exists():
        return None
    # One in 64 begins with a hyphen, so it stands in one word with its option.
    cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")

    def command_for(path):
        settings = _write(folder, ports, "kafka.first.properties", path)
        return [*_java("-XX:TieredStopAtLevel=1"), "kafka.tools.StorageTool", "format", f"--cluster-id={cluster}", "-c", str(settings)]

    return FirstData(folder, "Kafka", place, command_for)


def program(folder, ports):
    java = _java("-Xms512m", "-Xmx1g", "-XX:+UseG1GC", "-XX:MaxGCPauseMillis=20")
    return Program(
        NAME,
        [*java, "kafka.Kafka", str(folder.settings("kafka.properties"))],
        SERVERS,
        lambda: _problem(ports.address("kafka")),
        ports=["kafka", "kafka_controller"],
        stop_seconds=20,
    )


def _problem(address):
    # One broker in the metadata is a broker that has registered and serves.
    try:
        metadata = AdminClient({"bootstrap.servers": address, "log_level": 0}).list_topics(timeout=2)
    except KafkaException as error:
        return error.args[0].str()
    return None if metadata.brokers else "no broker has registered yet"


def _write(folder, ports, name, data):
    text = _SETTINGS.format(broker=ports.address("kafka"), controller=ports.address("kafka_controller"), data=data)
    return folder.write_settings(name, text)


def _java(*options):
    """The command up to the main class, with Debian's Java 17, whatever stands in PATH."""
    java = next(Path("/usr/lib/jvm").glob("java-17-openjdk-*/bin/java"), None)
    if java is None or not _JARS.is_dir():
        raise Problem("Java 17 or Kafka's jars in build/kafka are missing: run stack/setup")
    return [str(java), *options, "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", f"{_JARS}/*"]
