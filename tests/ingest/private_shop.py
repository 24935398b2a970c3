"""A shop of its own on a whole private stack: who asks whom, with what."""

import hashlib
import hmac
import itertools
import json
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path

import daemons
import yaml
from documented_api import DocumentedApi
from health import http_problem
from tokens import TokenIssuer, read_secret

TREE = Path(__file__).resolve().parents[2]
ORDERS, ORDER, CANCEL = "/v1/orders", "/v1/orders/{id}", "/v1/orders/{id}/cancel"
WEBHOOK = "/v1/payments/webhook"
SALE, STOCK, FREEZE = "/v1/admin/sales/{sku}", "/v1/admin/skus/{sku}/stock", "/v1/admin/skus/{sku}/freeze"
REFUND, SETTLED = "/v1/admin/orders/{id}/refund", "/v1/admin/refunds/{payment}/settled"
SALES, SKU, OPENAPI = "/v1/sales", "/v1/skus/{sku}", "/openapi.json"


class Shop:
    """Every answer that it gets is held against the document."""

    def __init__(self, stack):
        self.api = DocumentedApi()
        self.stack = stack
        self.address = stack.ports.address("ingest_1")
        self.issuer = TokenIssuer(read_secret(stack.folder.secret("jwt_hs256")))
        self.webhook_secret = read_secret(stack.folder.secret("webhook_hmac"))
        self._numbers = itertools.count()

    def fresh(self, what):
        return f"{what}-{next(self._numbers)}"

    def headers(self, user, scope=None, **more):
        token = self.issuer.token(user, scope=scope)
        return {"Authorization": f"Bearer {token}", "Content-Type": "application/json"} | {name.replace("_", "-"): value for name, value in more.items()}

    def admin(self, **more):
        return self.headers("boss", scope="sluice:admin", Idempotency_Key=self.fresh("act"), **more)

    def ask(self, method, path, body=None, headers=None, expect=200, **more):
        text = body if body is None or isinstance(body, (str, bytes)) else json.dumps(body)
        address = more.pop("address", self.address)
        status, parsed, _ = self.api.ask(address, method, path, text, headers, **more)
        assert status == expect, f"{method} {path}: {status} instead of {expect}: {parsed}"
        return parsed

    def buy(self, user, sku, expect=200, **more):
        headers = self.headers(user, Idempotency_Key=self.fresh("buy"), Prefer="wait=20") | more.pop("headers", {})
        return self.ask("post", ORDERS, {"sku": sku, "quantity": 1}, headers, expect, **more)

    def signed(self, body, secret=None):
        seconds = int(time.time())
        mac = hmac.new(secret or self.webhook_secret, f"{seconds}.{body}".encode(), hashlib.sha256).hexdigest()
        return {"Sluice-Signature": f"t={seconds},v1={mac}", "Content-Type": "application/json"}

    def pay(self, order, payment, amount=1900, expect=200, **more):
        body = json.dumps({"payment_id": payment, "order": order, "amount_minor": amount, "currency": "EUR", "new_field": [1]})
        return self.ask("post", WEBHOOK, body, self.signed(body), expect, **more)

    def read_until(self, user, order, is_so):
        """A payment is acknowledged before it is ruled on."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            answer = self.ask("get", ORDER, headers=self.headers(user), id=order)
            if is_so(answer):
                return answer
        raise AssertionError(f"it stays {answer}")

    @contextmanager
    def another_ingest(self, settings):
        """One more ingest, with some settings of its own. Its address, once it is ready."""
        with tempfile.TemporaryDirectory() as folder, open(f"{folder}/log", "w") as log:
            with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
                port, admin = one.getsockname()[1], other.getsockname()[1]
            all_settings = yaml.safe_load(Path(self.stack.folder.settings("ingest-1.yaml")).read_text())
            for section, values in (settings | {"http": {"port": port}, "admin": {"port": admin}}).items():
                all_settings[section] = all_settings.get(section, {}) | values
            Path(f"{folder}/ingest.yaml").write_text(yaml.safe_dump(all_settings))
            process = subprocess.Popen([daemons.binary("sluice-ingest"), "--config", f"{folder}/ingest.yaml"], stdout=log, stderr=log)
            try:
                deadline = time.monotonic() + 60
                while http_problem(f"http://127.0.0.1:{admin}/readyz"):
                    assert process.poll() is None and time.monotonic() < deadline, Path(f"{folder}/log").read_text()
                yield f"127.0.0.1:{port}"
            finally:
                process.terminate()
                process.wait(20)


def sale(version=1, **changed):
    now = datetime.now(timezone.utc)
    slot = {"opens": _time(now - timedelta(minutes=1)), "closes": _time(now + timedelta(hours=1)), "quantity": 50}
    terms = {"sale_id": "friday", "version": version, "title": "Mask", "price_minor": 1900, "currency": "EUR", "limit_per_user": 20}
    return terms | {"hold_seconds": 600, "slots": [slot]} | changed


def _time(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
