#!/usr/bin/python3
"""The outside world of a stack: a tiny shop where buyers log in. It believes everybody's name, so it is for one machine only.

    shop.py serve --secret-file FILE --port N      GET /token?user=alice -> {"token": "…"}
    shop.py tokens --secret-file FILE --buyers N --out FILE     one token a line, of the users buyer-000001 …
"""

import argparse
import json
import os
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from ports import LOOPBACK
from problem import Problem, exit_code_of
from tokens import TokenIssuer

_USER_BYTES_MAX = 64


def write_tokens(issuer, buyers, path):
    """Whoever holds a token is its user: nobody else reads the file."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        for number in range(1, buyers + 1):
            file.write(issuer.token(f"buyer-{number:06}") + "\n")


def issuer_from(secret_file):
    try:
        return TokenIssuer(Path(secret_file).read_bytes().rstrip(b"\r\n"))
    except OSError as error:
        raise Problem(f"{secret_file}: {error.strerror}") from error


def _counter(issuer):
    """The shop's counter: what answers one request."""

    class Counter(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):  # the name that http.server calls
            url = urllib.parse.urlsplit(self.path)
            users = urllib.parse.parse_qs(url.query).get("user", [])
            if url.path == "/livez":
                self._answer(200, {"status": "ok"})
            elif url.path != "/token":
                self._answer(404, {"error": "there is /token?user=NAME"})
            elif len(users) != 1 or not 1 <= len(users[0].encode()) <= _USER_BYTES_MAX:
                self._answer(400, {"error": f"one user of 1 to {_USER_BYTES_MAX} bytes"})
            else:
                self._answer(200, {"token": issuer.token(users[0])})

        def _answer(self, status, content):
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments):
            pass

    return Counter


def main():
    parser = argparse.ArgumentParser(description="issues tokens (JWT, HS256) to whoever asks; for one machine only")
    acts = parser.add_subparsers(dest="act", required=True)
    serve = acts.add_parser("serve", help="answer GET /token?user=NAME on loopback")
    serve.add_argument("--port", type=int, required=True)
    tokens = acts.add_parser("tokens", help="write tokens of many buyers to a file, one a line")
    tokens.add_argument("--buyers", type=int, required=True)
    tokens.add_argument("--out", required=True)
    for act in (serve, tokens):
        act.add_argument("--secret-file", required=True, help="the secret that ingest verifies with")
    arguments = parser.parse_args()
    issuer = issuer_from(arguments.secret_file)
    if arguments.act == "tokens":
        write_tokens(issuer, arguments.buyers, arguments.out)
    else:
        ThreadingHTTPServer((LOOPBACK, arguments.port), _counter(issuer)).serve_forever()
    return 0


if __name__ == "__main__":
    raise SystemExit(exit_code_of(main))
