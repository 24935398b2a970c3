"""Where a stack lives: one folder with its data, logs, settings, secrets and sockets."""

import fcntl
import hashlib
import os
import secrets
import tempfile
from contextlib import contextmanager
from pathlib import Path

from problem import Problem

TREE = Path(__file__).resolve().parent.parent
# Every process of a stack carries this variable with the folder's path, so that `down` finds it whatever became of its parents.
MARK = "SLUICE_STACK"
_SOCKET_PATH_MAX = 100  # of 107 that a unix socket's address holds; supervisord adds a suffix of its own


class Folder:
    def __init__(self, path):
        self.path = Path(path).resolve()

    def create(self):
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name in ("data", "log", "run", "settings", "secrets"):
            (self.path / name).mkdir(exist_ok=True, mode=0o700)
        for secret in ("jwt_hs256", "id_hmac", "webhook_hmac", "redis_password", "mysql_password"):
            self._create_secret(secret)

    def data(self, name):
        return self.path / "data" / name

    def log(self, name):
        return self.path / "log" / f"{name}.log"

    def run(self, name):
        return self.path / "run" / name

    def settings(self, name):
        return self.path / "settings" / name

    def secret(self, name):
        """The file with the secret: without a newline, readable by its owner only."""
        return self.path / "secrets" / name

    def hold(self, name):
        """While this file exists, a daemon that ended is not started again (stack/unless_held)."""
        return self.run(f"{name}.hold")

    @property
    def ports(self):
        return self.run("ports.yaml")

    @property
    def supervisor_socket(self):
        path = self.run("supervisor.sock")
        if len(str(path)) <= _SOCKET_PATH_MAX:
            return path
        short = hashlib.sha256(str(self.path).encode()).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"sluice-{os.getuid()}-{short}.sock"

    def write_settings(self, name, text):
        """Settings may hold passwords: nobody else reads them, not even for a moment."""
        path = self.settings(name)
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)
        return path

    @contextmanager
    def locked(self):
        """Two `make up` at once would start everything twice."""
        with open(self.run("lock"), "w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Problem(f"another command is starting or stopping the stack in {self.path}: wait for it") from None
            yield

    def last_lines(self, name, count=8):
        """The end of a log, indented, for an error message."""
        try:
            lines = self.log(name).read_text(errors="replace").splitlines()[-count:]
        except OSError:
            lines = []
        return "".join(f"\n  | {line}" for line in lines) or "\n  | (nothing in its log)"

    def _create_secret(self, name):
        try:
            descriptor = os.open(self.secret(name), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(32))
