"""Redis: the shared view."""

import redis

from ports import LOOPBACK
from program import SERVERS, Program

NAME = "redis"
_SETTINGS = """bind {address}
port {port}
requirepass {password}
dir "{data}"
appendonly yes
save ""
maxclients 1000
# Its title would overwrite the environment, by which the stack finds its processes.
set-proc-title no
"""


def write_settings(folder, ports):
    folder.data(NAME).mkdir(exist_ok=True)
    password = folder.secret("redis_password").read_text()
    folder.write_settings("redis.conf", _SETTINGS.format(address=LOOPBACK, port=ports["redis"], password=password, data=folder.data(NAME)))


def first_data(_folder, _ports):
    """Redis needs none."""


def program(folder, ports):
    command = ["/usr/bin/redis-server", str(folder.settings("redis.conf"))]
    return Program(NAME, command, SERVERS, lambda: _problem(folder, ports), ports=["redis"])


def _problem(folder, ports):
    password = folder.secret("redis_password").read_text()
    try:
        with redis.Redis(LOOPBACK, ports["redis"], password=password, socket_timeout=1) as client:
            client.ping()
    except redis.RedisError as error:
        return str(error)
    return None
