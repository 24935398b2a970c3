#!/usr/bin/python3
"""The outside world of a stack: a tiny shop where buyers log in and pay. It believes everybody's name and asks nobody for money, so it
is for one machine only.

    GET  /shop/token?user=alice     -> {"token": "…"}
    POST /shop/payments             {"order": "…", "amount_minor": 1900, "currency": "EUR"} -> {"payment_id": "…"}

A payment may also have "times": 2, to be delivered twice, and "delay_seconds": 5, to be delivered late (stack/gateway.py).
"""

import argparse
import json
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from gateway import Gateway, Journal, Refused
from ports import LOOPBACK
from problem import exit_code_of
from tokens import TokenIssuer, read_secret, write_tokens

_USER_BYTES_MAX = 64
_BODY_BYTES_MAX = 4096
_IDLE_SECONDS = 75


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 1024

    def handle_error(self, _request, _address):
        """A page that was closed in the middle of its answer is no news."""


def counter(issuer, gateway):
    """The shop's counter: what answers one request."""

    class Counter(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = _IDLE_SECONDS
        disable_nagle_algorithm = True

        def do_GET(self):  # the name that http.server calls
            url = urllib.parse.urlsplit(self.path)
            users = urllib.parse.parse_qs(url.query).get("user", [])
            if url.path == "/livez":
                self._answer(200, {"status": "ok"})
            elif url.path != "/shop/token":
                self._answer(404, {"error": "there are GET /shop/token?user=NAME and POST /shop/payments"})
            elif len(users) != 1 or not 1 <= len(users[0].encode()) <= _USER_BYTES_MAX:
                self._answer(400, {"error": f"one user of 1 to {_USER_BYTES_MAX} bytes"})
            else:
                self._answer(200, {"token": issuer.token(users[0])})

        def do_POST(self):
            if urllib.parse.urlsplit(self.path).path != "/shop/payments":
                self.close_connection = True  # with its body unread
                return self._answer(404, {"error": "there is POST /shop/payments"})
            length = self.headers.get("Content-Length", "")
            if not length.isdigit() or int(length) > _BODY_BYTES_MAX:
                self.close_connection = True
                return self._answer(413, {"error": f"a body of at most {_BODY_BYTES_MAX} bytes, with its Content-Length"})
            try:
                self._answer(202, {"payment_id": gateway.take(json.loads(self.rfile.read(int(length))))})
            except (ValueError, RecursionError):
                self._answer(400, {"error": "the body is no JSON"})
            except Refused as refused:
                self._answer(422, {"error": str(refused)})

        def _answer(self, status, content):
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Cache-Control", "no-store")
            self.send_header("Content-Length", str(len(body)))
            if self.close_connection:
                self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments):
            pass

    return Counter


def _serve(arguments):
    gateway = Gateway(arguments.front, read_secret(arguments.webhook_secret_file), Journal(arguments.journal))
    Server((LOOPBACK, arguments.port), counter(_issuer(arguments), gateway)).serve_forever()


def _write_tokens(arguments):
    write_tokens(_issuer(arguments), arguments.buyers, arguments.out)


def _print_token(arguments):
    print(_issuer(arguments).token(arguments.user, scope=arguments.scope))


def _issuer(arguments):
    return TokenIssuer(read_secret(arguments.secret_file))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    acts = parser.add_subparsers(dest="act", required=True)
    serve = acts.add_parser("serve", help="answer on loopback")
    serve.add_argument("--port", type=int, required=True)
    serve.add_argument("--front", required=True, help="host:port of the webhook")
    serve.add_argument("--webhook-secret-file", required=True, help="the secret that payments are signed with")
    serve.add_argument("--journal", required=True, help="file to append every payment and its deliveries to")
    serve.set_defaults(run=_serve)
    tokens = acts.add_parser("tokens", help="write tokens of many buyers to a file, one a line")
    tokens.add_argument("--buyers", type=int, required=True)
    tokens.add_argument("--out", required=True)
    tokens.set_defaults(run=_write_tokens)
    token = acts.add_parser("token", help="print a token, also one with a scope, which the shop gives to nobody over HTTP")
    token.add_argument("--user", required=True)
    token.add_argument("--scope", help="e.g. sluice:admin")
    token.set_defaults(run=_print_token)
    for act in (serve, tokens, token):
        act.add_argument("--secret-file", required=True, help="the secret that ingest verifies tokens with")
    arguments = parser.parse_args()
    arguments.run(arguments)
    return 0


if __name__ == "__main__":
    raise SystemExit(exit_code_of(main))
