"""After a restart, from the shared view alone, an ingest tells of every order what it told before."""

import time
from datetime import datetime

import pytest
import redis
from private_shop import CANCEL, ORDER, ORDERS, REFUND, SALE, SETTLED, SKU, sale
from tokens import read_secret

PAY_BY_MAY_DIFFER_SECONDS = 1  # Redis has the append time of a record, or a moment shortly before it


@pytest.fixture(scope="module")
def tickets(shop):
    """(user, ticket, what became of it) of one request of each kind."""
    shop.ask("put", SALE, sale(hold_seconds=1), shop.admin(), sku="short")
    shop.ask("put", SALE, sale(limit_per_user=1), shop.admin(), sku="long")
    walked_away = shop.buy("released", "short")["order"]
    held, paid, cancelled, refunded = (shop.buy(user, "long")["order"] for user in ("held", "paid", "cancelled", "refunded"))
    shop.pay(paid, "restart-paid")
    shop.pay(paid, "restart-second")  # goes back: the order is paid
    shop.read_until("paid", paid, lambda answer: "refunds" in answer)
    shop.ask("post", CANCEL, headers=shop.headers("cancelled", Prefer="wait=20"), id=cancelled)
    shop.pay(refunded, "restart-refunded")
    shop.read_until("refunded", refunded, lambda answer: answer["status"] == "paid")
    shop.ask("post", REFUND, {"restock": False}, shop.admin(), id=refunded)
    shop.ask("post", SETTLED, {"order": refunded}, shop.admin(), payment="restart-refunded")
    shop.read_until("released", walked_away, lambda answer: answer["status"] == "released")
    shop.pay(walked_away, "restart-late")
    shop.read_until("released", walked_away, lambda answer: "refunds" in answer)
    refused = shop.buy("held", "long")["ticket"]
    orders = [("held", held), ("paid", paid), ("cancelled", cancelled), ("refunded", refunded), ("released", walked_away)]
    tickets = [(user, order, user) for user, order in orders]
    return [*tickets, ("twice", repeated(shop), "held"), ("held", refused, "refused"), ("last", shop.buy("last", "long")["order"], "held")]


def repeated(shop):
    """The ticket of a request that another ingest had taken already: an alias of its order."""
    headers = shop.headers("twice", Idempotency_Key="same-key", Prefer="wait=20")
    first = shop.ask("post", ORDERS, {"sku": "long", "quantity": 1}, headers)
    again = shop.ask("post", ORDERS, {"sku": "long", "quantity": 1}, headers, address=shop.stack.ports.address("ingest_2"))
    assert again["duplicate_of"] == first["order"] and again["ticket"] != first["ticket"]
    return again["ticket"]


def answers(shop, tickets, address):
    return [shop.ask("get", ORDER, headers=shop.headers(user), id=ticket, address=address) for user, ticket, _ in tickets]


def without_pay_by(answer):
    return {name: value for name, value in answer.items() if name != "pay_by"}


def comes_true(condition):
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline


def test_every_order_reads_as_before(shop, tickets):
    before = answers(shop, tickets, shop.address)
    assert [answer["status"] for answer in before] == [became for _, _, became in tickets]
    with shop.another_ingest({"view": {"look_back": 0}}) as address:
        after = answers(shop, tickets, address)
    for (_, _, became), old, new in zip(tickets, before, after, strict=True):
        if became == "refused":
            assert (new["status"], new["reason"]) == ("refused", "no_longer_kept")
            continue
        assert without_pay_by(new) == without_pay_by(old)
        assert ("pay_by" in new) == ("pay_by" in old)
        if "pay_by" in old:
            apart = datetime.fromisoformat(new["pay_by"]) - datetime.fromisoformat(old["pay_by"])
            assert abs(apart.total_seconds()) <= PAY_BY_MAY_DIFFER_SECONDS


def test_every_sale_reads_as_before(shop, tickets):
    with shop.another_ingest({"view": {"look_back": 0}}) as address:
        for sku in ("short", "long"):
            comes_true(lambda sku=sku: shop.api.ask(address, "get", SKU, sku=sku)[0] == 200)
            old, new = shop.ask("get", SKU, sku=sku), shop.ask("get", SKU, sku=sku, address=address)
            del old["log_time"], new["log_time"]  # of the change, or a moment later
            assert new == old


def test_a_sku_that_never_was_is_not_denied_without_the_shared_view(shop, tickets):
    with shop.another_ingest({"view": {"look_back": 0}, "redis": {"port": 1}}) as address:
        shop.ask("get", SKU, expect=503, sku="long", address=address)
    with shop.another_ingest({"view": {"look_back": 1_000_000}, "redis": {"port": 1}}) as address:
        assert shop.ask("get", SKU, sku="long", address=address)["sku"] == "long"
        shop.ask("get", SKU, expect=404, sku="never", address=address)


def test_no_order_is_denied_while_the_shared_view_is_built_again(shop, tickets):
    orders = [(user, ticket, became) for user, ticket, became in tickets if became != "refused"]
    with shop.another_ingest({"view": {"look_back": 0}}) as address:
        before = answers(shop, orders, address)
        password = read_secret(shop.stack.folder.secret("redis_password")).decode()
        with redis.Redis("127.0.0.1", shop.stack.ports["redis"], password=password) as view:
            view.flushall()
        deadline = time.monotonic() + 60
        known = 0
        while known < len(orders):
            assert time.monotonic() < deadline, f"{known} of {len(orders)} orders are back"
            known = 0
            for (user, ticket, _), old in zip(orders, before, strict=True):
                status, answer, _ = shop.api.ask(address, "get", ORDER, headers=shop.headers(user), id=ticket)
                assert status == 503 or without_pay_by(answer) == without_pay_by(old)
                known += status == 200
