"""An ingest that says what a test wants: it counts what reaches it, and can be slow, or hang up in the middle."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from ports import LOOPBACK


class ScriptedIngest:
    def __init__(self, port, name):
        self.port, self.name = port, name
        self.arrived = []  # (method, path, headers)
        self.stock = 0
        self.gate = threading.Event()  # stock is answered only while it is set
        self.gate.set()
        self.hangs_up = False
        self._server = None
        self.start()

    def start(self):
        self._server = ThreadingHTTPServer((LOOPBACK, self.port), _door(self))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=[0.01], daemon=True).start()

    def stop(self):
        self.gate.set()
        self._server.shutdown()
        self._server.server_close()

    def count(self, method, path):
        return sum(1 for arrived in self.arrived if arrived[:2] == (method, path))


def _door(ingest):
    class Door(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.0"  # no connection outlives the server

        def do_GET(self):  # the names that http.server calls
            ingest.arrived.append(("GET", self.path, dict(self.headers)))
            if self.path.startswith("/v1/skus/"):
                ingest.gate.wait(10)
                body = {"sku": self.path[9:], "available": ingest.stock, "padding": "." * 1000}
                self._answer(200 if self.path == "/v1/skus/mask" else 404, body, {"Cache-Control": "public, max-age=1", "ETag": '"7"'})
            else:
                self._answer(200, {"ingest": ingest.name})

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            ingest.arrived.append(("POST", self.path, dict(self.headers)))
            if ingest.hangs_up:
                self.close_connection = True
            elif len(body) > 4096:
                self._answer(413, {"type": "/problems/body-too-large", "detail": "said by the ingest"})
            else:
                self._answer(202, {"ingest": ingest.name})

        def _answer(self, status, content, headers={}):
            body = json.dumps(content).encode()
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", "Content-Length": len(body), **headers}.items():
                self.send_header(name, str(value))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments):
            pass

    return Door
