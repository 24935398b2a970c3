"""How tests run sluicectl."""

import os
import subprocess

from daemons import binary


def ctl(brokers, *arguments):
    environment = {**os.environ, "SLUICE_KAFKA_BROKERS": brokers}
    return subprocess.run([ctl.program, *map(str, arguments)], env=environment, capture_output=True, text=True, timeout=60, check=False)


ctl.program = binary("sluicectl")
