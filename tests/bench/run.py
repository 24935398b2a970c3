#!/usr/bin/python3
"""`make bench`: drains one partition with the ledger's lane and with a bare loop over the same Kafka client, in turn, on a Kafka of its own.

Knobs: PURCHASES=1000000 ROUNDS=3. Both halves share the machine with the broker, so compare them with each other and with nothing else.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

TREE = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(TREE / "stack"))

from problem import exit_code_of  # noqa: E402 stack/ is no package: its programs are run by path
from stack import Stack  # noqa: E402

PURCHASES = os.environ.get("PURCHASES") or "1000000"
ROUNDS = os.environ.get("ROUNDS") or "3"
FOLDER = TREE / "build/bench-stack"


def main():
    server = Stack(FOLDER)
    try:
        server.up(only=["kafka"], fresh=True, private=True)
        shutil.rmtree(FOLDER / "state", ignore_errors=True)
        brokers = server.environment()["SLUICE_TEST_KAFKA"]
        spike = TREE / "build/release/tests/bench/spike"
        allocator = {"MALLOC_CONF": "thp:always,metadata_thp:always"}  # as in ledger/main.cpp
        command = [spike, brokers, FOLDER / "state", PURCHASES, ROUNDS]
        return subprocess.run(command, env=os.environ | allocator, check=False).returncode
    finally:
        server.down()


if __name__ == "__main__":
    raise SystemExit(exit_code_of(main))
