"""Every answer that ingest/openapi.json documents is brought about on a real stack and held against its schema."""

import json
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
from documented_api import DOCUMENT, DocumentedApi
from private_shop import CANCEL, FREEZE, OPENAPI, ORDER, ORDERS, REFUND, SALE, SALES, SETTLED, SKU, STOCK, TREE, WEBHOOK, sale

# The front limits these per address, and on one machine every buyer of the demo has the same one: its bound is out of reach.
NOT_REACHED_HERE = {("post", WEBHOOK, 429), ("get", OPENAPI, 429)}


@pytest.fixture(scope="module")
def terms(shop):
    """A sale whose first slot is open."""
    terms = sale()
    assert shop.ask("put", SALE, terms, shop.admin(), sku="api-1")["verdict"] == "accepted"
    return terms


@pytest.fixture(scope="module")
def lame(shop, terms):
    """An ingest that sees no Redis and began at the end of the log, wants a scope of buyers, knows no gateway and waits for nothing."""
    order = shop.buy("early", "api-1")["order"]
    shop.buy("later", "api-1")  # so that the order is not in the last record, which every ingest reads
    settings = {"redis": {"port": 1}, "view": {"look_back": 0}, "limits": {"append_timeout_ms": 300}}
    with shop.another_ingest(settings | {"jwt": {"scope": "buy"}, "webhook": {"secret_files": []}}) as address:
        yield {"address": address, "order": order}


def test_the_document_is_openapi_3_1():
    tools = TREE / "build/openapi-lint"
    python = tools / "bin/python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", tools], check=True)
    wanted = Path(__file__).parent / "openapi_lint.txt"
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", wanted], check=True)
    done = subprocess.run([python, "-m", "openapi_spec_validator", DOCUMENT], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_example_is_as_its_schema_says():
    api = DocumentedApi()
    examples = api.examples()
    assert len(examples) > 40
    assert {place: problem for place, schema, example in examples if (problem := api.problem_with(schema, example))} == {}


def test_the_document_is_served(shop):
    assert shop.ask("get", OPENAPI) == json.loads(DOCUMENT.read_text())
    assert shop.ask("get", OPENAPI, address=shop.stack.ports.address("front")) == json.loads(DOCUMENT.read_text())
    shop.ask("get", OPENAPI, "x" * 5000, expect=413)


def test_sales_and_their_stock(shop, terms):
    stock = shop.ask("get", SKU, sku="api-1")
    assert stock["on_sale"] and not stock["frozen"] and stock["defined"] == 50 and stock["slots"][0]["opened"]
    assert stock in shop.ask("get", SALES)["sales"]
    for path, names in ((SKU, {"sku": "api-1"}), (SALES, {})):
        status, _, headers = shop.api.ask(shop.address, "get", path, **names)
        assert status == 200
        shop.ask("get", path, headers={"If-None-Match": headers["etag"]}, expect=304, **names)
        shop.ask("get", path, "x" * 5000, expect=413, **names)
    shop.ask("get", SKU, expect=404, sku="no-such-sku")


def test_purchases(shop, terms):
    held = shop.buy("alice", "api-1")
    assert held["status"] == "held" and held["order"] == held["ticket"]
    assert shop.buy("alice", "no-such-sku")["reason"] == "unknown_sku"
    headers = shop.headers("alice", Idempotency_Key=shop.fresh("buy"))
    assert shop.ask("post", ORDERS, {"sku": "api-1", "quantity": 1}, headers, 202)["status"] == "pending"
    for body, changed, expect in (
        ("{", {}, 400),
        ({"sku": "api-1", "quantity": 1}, {"Idempotency-Key": ""}, 400),
        ({"sku": "api-1", "quantity": 1}, {"Authorization": "Bearer x"}, 401),
        ("x" * 5000, {}, 413),
        ({"sku": "api-1", "quantity": 1}, {"Content-Type": "text/plain"}, 415),
        ({"sku": "api-1", "quantity": 0}, {}, 422),
    ):
        shop.ask("post", ORDERS, body, headers | changed, expect)
    shop.ask("post", ORDERS, {"sku": "api-1", "quantity": 1}, headers, 400, query="?wait=soon")


def test_reads_of_orders(shop, terms):
    order = shop.buy("bob", "api-1")["order"]
    assert shop.ask("get", ORDER, headers=shop.headers("bob"), id=order.lower())["status"] == "held"
    shop.ask("get", ORDER, headers=shop.headers("bob"), query="?wait=soon", expect=400, id=order)
    shop.ask("get", ORDER, expect=401, id=order)
    shop.ask("get", ORDER, headers=shop.headers("eve"), expect=404, id=order)
    shop.ask("get", ORDER, "x" * 5000, shop.headers("bob"), expect=413, id=order)


def test_cancels(shop, terms):
    bob = shop.headers("bob", Prefer="wait=20")
    order = shop.buy("bob", "api-1")["order"]
    assert shop.ask("post", CANCEL, headers=bob, id=order)["status"] == "cancelled"
    assert shop.ask("post", CANCEL, headers=bob, id=order)["status"] == "cancelled"
    other = shop.buy("bob", "api-1")["order"]
    assert shop.ask("post", CANCEL, headers=shop.headers("bob"), expect=202, id=other)["cancel"] == "pending"
    paid = shop.buy("bob", "api-1")["order"]
    shop.pay(paid, "pay-cancel")
    shop.read_until("bob", paid, lambda answer: answer["status"] == "paid")
    assert shop.ask("post", CANCEL, headers=bob, expect=409, id=paid)["type"] == "/problems/already-paid"
    shop.ask("post", CANCEL, headers=bob, query="?wait=soon", expect=400, id=paid)
    shop.ask("post", CANCEL, expect=401, id=paid)
    shop.ask("post", CANCEL, headers=shop.headers("eve"), expect=404, id=paid)
    shop.ask("post", CANCEL, "x" * 5000, bob, expect=413, id=paid)


def test_payments(shop, terms):
    assert shop.pay("no order of ours", "pay-stray") == {"received": True, "payment_id": "pay-stray"}
    shop.ask("post", WEBHOOK, "{", shop.signed("{"), 400)
    shop.ask("post", WEBHOOK, "{}", shop.signed("{}", secret=b"another secret of at least 32 bytes"), 401)
    shop.ask("post", WEBHOOK, "x" * 5000, {}, 413)
    shop.ask("post", WEBHOOK, "{}", shop.signed("{}"), 422)


def test_money_that_goes_back(shop, terms):
    order = shop.buy("carol", "api-1")["order"]
    shop.pay(order, "pay-wrong", amount=5)
    first = shop.read_until("carol", order, lambda answer: "refunds" in answer)
    assert first["status"] == "held"
    assert first["refunds"] == [{"payment_id": "pay-wrong", "amount_minor": 5, "currency": "EUR", "reason": "wrong_amount", "settled": False}]
    shop.pay(order, "pay-right")
    shop.read_until("carol", order, lambda answer: answer["status"] == "paid")
    key = shop.admin()
    assert shop.ask("post", REFUND, {"restock": True}, key, id=order)["verdict"] == "accepted"
    assert shop.ask("post", REFUND, {"restock": True}, key, id=order)["verdict"] == "duplicate"
    shop.ask("post", REFUND, {"restock": True}, shop.admin(), 409, id=order)
    assert shop.ask("post", SETTLED, {"order": order}, shop.admin(), payment="pay-right")["verdict"] == "accepted"
    shop.ask("post", SETTLED, {"order": order}, shop.admin(), 409, payment="never-seen")
    back = shop.read_until("carol", order, lambda answer: answer["status"] == "refunded")
    assert [(refund["payment_id"], refund["settled"]) for refund in back["refunds"]] == [("pay-right", True), ("pay-wrong", False)]
    for path, names in ((REFUND, {"id": order}), (SETTLED, {"payment": "pay-right"})):
        body = {"restock": True} if path == REFUND else {"order": order}
        shop.ask("post", path, body, shop.admin(Prefer="wait=0"), 202, **names)
        bad_admin_requests(shop, "post", path, body, names)
    shop.ask("post", REFUND, {"restock": True}, shop.admin(), 404, id="nobody")


def test_administration(shop):
    shop.ask("put", SALE, sale(), shop.admin(), sku="api-2")
    shop.ask("put", SALE, sale(version=3, title="Better mask"), shop.admin(Prefer="wait=0"), 202, sku="api-2")
    shop.ask("put", SALE, sale(version=2), shop.admin(), 409, sku="api-2")
    bad_admin_requests(shop, "put", SALE, sale(), {"sku": "api-2"})
    shop.ask("post", STOCK, {"delta": 5, "reason": "found"}, shop.admin(), sku="api-2")
    refused = shop.ask("post", STOCK, {"delta": -5000, "reason": "lost"}, shop.admin(), 409, sku="api-2")
    assert (refused["reason"], refused["could_take"]) == ("not_enough_available", 55)
    shop.ask("post", STOCK, {"delta": 1, "reason": "found"}, shop.admin(Prefer="wait=0"), 202, sku="api-2")
    bad_admin_requests(shop, "post", STOCK, {"delta": 5, "reason": "found"}, {"sku": "api-2"})
    shop.ask("post", FREEZE, {"on": True}, shop.admin(), sku="api-2")
    shop.ask("post", FREEZE, {"on": True}, shop.admin(), 409, sku="api-2")
    shop.ask("post", FREEZE, {"on": False}, shop.admin(Prefer="wait=0"), 202, sku="api-2")
    bad_admin_requests(shop, "post", FREEZE, {"on": True}, {"sku": "api-2"})


def bad_admin_requests(shop, method, path, body, names):
    shop.ask(method, path, "{", shop.admin(), 400, **names)
    shop.ask(method, path, body, shop.admin() | {"Authorization": ""}, 401, **names)
    shop.ask(method, path, body, shop.headers("mallory", Idempotency_Key="k"), 403, **names)
    shop.ask(method, path, "x" * 5000, shop.admin(), 413, **names)
    shop.ask(method, path, json.dumps(body), shop.admin() | {"Content-Type": "text/plain"}, 415, **names)
    shop.ask(method, path, body | {"surprise": 1}, shop.admin(), 422, **names)


def test_what_needs_a_scope(shop, lame):
    buyer = shop.headers("early", Idempotency_Key="k")
    shop.ask("post", ORDERS, {"sku": "api-1", "quantity": 1}, buyer, 403, address=lame["address"])
    shop.ask("get", ORDER, None, buyer, 403, address=lame["address"], id=lame["order"])
    shop.ask("post", CANCEL, None, buyer, 403, address=lame["address"], id=lame["order"])


def test_what_is_not_known(shop, lame):
    shop.ask("get", ORDER, None, shop.headers("early", scope="buy"), 503, address=lame["address"], id=lame["order"])
    shop.ask("get", SKU, expect=503, address=lame["address"], sku="api-1")
    shop.ask("get", SALES, expect=503, address=lame["address"])
    shop.pay(lame["order"], "pay-lame", expect=503, address=lame["address"])


@contextmanager
def still(stack, name):
    pid = stack.supervision.states()[name]["pid"]
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def test_a_log_that_does_not_answer(shop, lame):
    with still(shop.stack, "kafka"):
        buyer = shop.headers("early", scope="buy", Idempotency_Key="still")
        where = {"address": lame["address"]}
        shop.ask("post", ORDERS, {"sku": "api-1", "quantity": 1}, buyer, 503, **where)
        shop.ask("post", CANCEL, None, buyer, 503, id=lame["order"], **where)
        shop.ask("put", SALE, sale(version=9), shop.admin(), 503, sku="api-1", **where)
        shop.ask("post", STOCK, {"delta": 1, "reason": "found"}, shop.admin(), 503, sku="api-1", **where)
        shop.ask("post", FREEZE, {"on": True}, shop.admin(), 503, sku="api-1", **where)
        shop.ask("post", REFUND, {"restock": True}, shop.admin(), 503, id=lame["order"], **where)
        shop.ask("post", SETTLED, None, shop.admin(), 503, payment="pay-lame", **where)


def test_who_asks_too_much_of_the_front(shop, terms):
    front = {"address": shop.stack.ports.address("front")}
    for method, path, body, names in (
        ("post", ORDERS, {"sku": "api-1", "quantity": 1}, {}),
        ("get", ORDER, None, {"id": "nobody"}),
        ("post", CANCEL, None, {"id": "nobody"}),
        ("put", SALE, sale(), {"sku": "api-1"}),
        ("post", STOCK, {"delta": 1, "reason": "found"}, {"sku": "api-1"}),
        ("post", FREEZE, {"on": True}, {"sku": "api-1"}),
        ("post", REFUND, {"restock": True}, {"id": "nobody"}),
        ("post", SETTLED, {}, {"payment": "nobody"}),
    ):
        headers = shop.headers(shop.fresh("hasty"))  # no key and no scope: what comes through changes nothing
        text = json.dumps(body) if body else None
        statuses = [shop.api.ask(front["address"], method, path, text, headers, **names)[0] for _ in range(200)]
        assert 429 in statuses, f"{method} {path}"


def test_all_that_is_documented_was_seen(shop):
    assert sorted(shop.api.documented() - shop.api.seen - NOT_REACHED_HERE) == []
    assert NOT_REACHED_HERE.isdisjoint(shop.api.seen), "take it off the list"
