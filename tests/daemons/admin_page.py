"""What a daemon tells on its admin port."""

import urllib.error
import urllib.request

from ports import LOOPBACK


class AdminPage:
    def __init__(self, port):
        self._address = f"http://{LOOPBACK}:{port}"

    def get(self, path):
        """The status, or 0 when nobody listens; and the body."""
        try:
            with urllib.request.urlopen(self._address + path, timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def is_ready(self):
        return self.get("/readyz")[0] == 200
