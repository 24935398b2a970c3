"""nginx: the front, from the template front/nginx.conf."""

import os
import re
import resource

from folder import TREE
from health import http_problem
from leftovers import NGINX_FOLDER
from program import FRONT, Program

NAME = "nginx"
_TEMPLATE = TREE / "front/nginx.conf"
_CONNECTIONS = 20000


def write_settings(folder, ports):
    """Fills the @…@ of the template. As root its workers stay root, since others could not read a checkout below a closed home."""
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    values = {
        "user": "user root;" if os.getuid() == 0 else "",
        "folder": str(folder.data(NGINX_FOLDER)),
        "pid": str(folder.run("nginx.pid")),
        "log": str(folder.path / "log"),
        "front": ports.address("front"),
        "ingest_1": ports.address("ingest_1"),
        "ingest_2": ports.address("ingest_2"),
        "workers": str(min(4, os.cpu_count() or 1)),
        "files": str(files),
        "connections": str(min(_CONNECTIONS, files - 100)),
    }
    folder.data(NGINX_FOLDER).mkdir(exist_ok=True)
    folder.write_settings("nginx.conf", re.sub(r"@(\w+)@", lambda place: values[place[1]], _TEMPLATE.read_text()))


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
