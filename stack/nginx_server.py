"""nginx: the front, from the templates front/*.conf."""

import os
import re
import resource
from dataclasses import asdict, dataclass

from folder import TREE
from health import http_problem
from leftovers import NGINX_FOLDER
from program import FRONT, Program

NAME = "nginx"
_FRONT = TREE / "front"
_MODULES = "/usr/lib/nginx/modules"
_CONNECTIONS = 20000


@dataclass(frozen=True)
class Limits:
    """Requests per second and how many may come at once: as front/README.md advises, but for the addresses. On one machine all buyers
    come from the same one."""

    buyer_rate: int = 10
    buyer_burst: int = 40
    buyer_zone: str = "32m"
    address_rate: int = 100000
    address_burst: int = 100000
    address_zone: str = "1m"
    gateway_rate: int = 100000


# Only where everybody is believed to be who they say: one machine.
_SHOP = """
        # The outside world of a stack: logs buyers in and takes their money (stack/shop.py).
        location /shop/ {
            proxy_read_timeout 30s;
            proxy_pass http://%s;
        }
"""


def write_settings(folder, ports, limits=Limits()):
    """Fills the @…@ of the templates. As root its workers stay root, since others could not read a checkout below a closed home."""
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    values = {
        "user": "user root;" if os.getuid() == 0 else "",
        "modules": _MODULES,
        "front": str(_FRONT),
        "folder": str(folder.data(NGINX_FOLDER)),
        "pid": str(folder.run("nginx.pid")),
        "log": str(folder.path / "log"),
        "listen": ports.address("front"),
        "ingest_1": ports.address("ingest_1"),
        "ingest_2": ports.address("ingest_2"),
        "workers": str(min(4, os.cpu_count() or 1)),
        "files": str(files),
        "connections": str(min(_CONNECTIONS, files - 100)),
        "also": _SHOP % ports.address("shop"),
    } | {name: str(value) for name, value in asdict(limits).items()}
    folder.data(NGINX_FOLDER).mkdir(exist_ok=True)
    for template in _FRONT.glob("*.conf"):
        folder.write_settings(template.name, re.sub(r"@(\w+)@", lambda place: values[place[1]], template.read_text()))


def first_data(_folder, _ports):
    """nginx needs none."""


def program(folder, ports):
    prefix = folder.data(NGINX_FOLDER)
    return Program(
        NAME,
        ["/usr/sbin/nginx", "-p", f"{prefix}/", "-e", "stderr", "-c", str(folder.settings("nginx.conf")), "-g", "daemon off;"],
        FRONT,
        lambda: http_problem(f"http://{ports.address('front')}/front/livez"),
        ports=["front"],
        working_folder=prefix,
        stop_signal="QUIT",
        stop_seconds=3,
    )
