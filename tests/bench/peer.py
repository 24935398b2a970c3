"""Kafka Streams, doing the ledger's job (tests/bench/kafka_streams): built with Maven, run as a process of its own."""

import json
import os
import shutil
import subprocess
from pathlib import Path

from bench_stack import INTENTS, PEER, TREE
from problem import Problem

_SOURCES = TREE / "tests/bench/kafka_streams"
_BUILT = TREE / "build/kafka_streams"
_BUILD_SECONDS = 300
_RUN_SECONDS = 300
# On two cores the parallel collector costs less CPU than G1, and nobody waits for its pauses here.
_JAVA_OPTIONS = ["-Xms1g", "-Xmx1g", "-XX:+UseParallelGC"]


class Peer:
    def __init__(self):
        goals = ["compile", "dependency:copy-dependencies", f"-DoutputDirectory={_BUILT / 'lib'}"]
        done = subprocess.run(["mvn", "-q", "-B", "-f", _SOURCES / "pom.xml", *goals], timeout=_BUILD_SECONDS, check=False)
        if done.returncode:
            raise Problem("Maven could not build the Kafka Streams peer (its words are above); ONLY= leaves out the cases that need it")
        self._java = next(Path("/usr/lib/jvm").glob("java-17-openjdk-*/bin/java"))

    def run(self, bench, application, partitions, intents, skipped):
        """Drains `intents` intents into the peer's topic. What it cost after the first `skipped`."""
        threads = min(partitions, os.cpu_count() or 1)  # each has a producer and commits by itself: more than cores would only wait
        state = bench.stack.folder.data("peer-state")
        shutil.rmtree(state, ignore_errors=True)
        classes = f"{_BUILT / 'classes'}:{_BUILT / 'lib'}/*"
        words = [bench.brokers, f"kafka-streams-{application}", INTENTS, PEER, state, intents, threads, skipped]
        command = [self._java, *_JAVA_OPTIONS, "-cp", classes, "sluice.bench.StreamsPeer", *words]
        try:
            done = subprocess.run(
                list(map(str, command)), env=os.environ | bench.mark, stdout=subprocess.PIPE, text=True, timeout=_RUN_SECONDS, check=False
            )
        except subprocess.TimeoutExpired:
            raise Problem(f"Kafka Streams has not ruled on {intents:,} intents within {_RUN_SECONDS} s") from None
        if done.returncode:
            raise Problem(f"Kafka Streams ended with {done.returncode}; its words are above")
        return json.loads(done.stdout.strip().splitlines()[-1])
