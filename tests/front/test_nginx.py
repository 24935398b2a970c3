"""nginx with the configuration of front/, in front of two scripted ingests."""

import gzip
import http.client
import json
import re
import shutil
import socket
import threading
import time
from functools import partial
from pathlib import Path

import nginx_server
import pytest
from leftovers import NGINX_FOLDER
from nginx_server import Limits
from ports import LOOPBACK
from scripted_ingest import ScriptedIngest
from stack import Stack
from tokens import TokenIssuer

TREE = Path(__file__).resolve().parents[2]

REAL, FORGED = TokenIssuer(b"the shop's secret"), TokenIssuer(b"somebody's guess")
SOME = Limits(buyer_rate=1, buyer_burst=4, address_rate=1, address_burst=200, gateway_rate=300)


class Front:
    """`ingests`: the scripted ones behind it."""

    def __init__(self, stack):
        self.ports = stack.ports
        self.ingests = [ScriptedIngest(stack.ports[f"ingest_{number}"], number) for number in (1, 2)]

    def ask(self, method, path, body=None, headers={}):
        """The answer's status, headers (lower case) and body."""
        connection = http.client.HTTPConnection(LOOPBACK, self.ports["front"], timeout=20)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            connection.close()

    def raw(self, text):
        with socket.create_connection((LOOPBACK, self.ports["front"]), 10) as connection:
            connection.sendall(text)
            return connection.makefile("rb").read()

    def ingest_of(self, token, path="/v1/orders/x"):
        return json.loads(self.ask("GET", path, headers=bearer(token))[2])["ingest"]


def bearer(token):
    return {"Authorization": f"Bearer {token}"} if token else {}


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    patch = pytest.MonkeyPatch()
    patch.setattr(nginx_server, "write_settings", partial(nginx_server.write_settings, limits=SOME))
    stack = Stack(tmp_path_factory.mktemp("front") / "stack")
    stack.up(only=["nginx"], private=True)
    yield stack
    stack.down()
    patch.undo()


@pytest.fixture
def front(running):
    """Each test begins with whole limits and no cached stock."""
    running.supervision.stop("nginx")
    shutil.rmtree(running.folder.data(NGINX_FOLDER) / "stock")
    running.up(only=["nginx"])
    front = Front(running)
    yield front
    for ingest in front.ingests:
        ingest.stop()


def wait_until(true, seconds=10):
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until
        time.sleep(0.02)


def problem(answer, status, name):
    """Checks that the answer is the problem of this name, as every error must look, and returns its headers."""
    code, headers, body = answer
    assert (code, headers["content-type"]) == (status, "application/problem+json"), body
    content = json.loads(body)
    assert (content["type"], content["status"]) == (f"/problems/{name}", status)
    assert content["title"] and content["detail"]
    assert abs(float(headers["sluice-time"]) - time.time()) < 5
    return headers


def test_a_buyer_sits_at_one_ingest_with_every_token_and_buyers_spread_over_both(front):
    seats = {}
    for number in range(20):
        tokens = [REAL.token(f"buyer-{number}", now=now) for now in (1000, 2000)]
        assert tokens[0] != tokens[1]
        asked = {front.ingest_of(token) for token in tokens}
        assert len(asked) == 1
        seats[number] = asked.pop()
    assert set(seats.values()) == {1, 2}


@pytest.mark.parametrize("token", ["", "no.jwt", "a.b.c", "x" * 5000, "e30.e30." + "A" * 43, "e30.W10." + "A" * 43])
def test_whoever_has_no_readable_token_is_passed_on_to_any_ingest(front, token):
    assert {front.ingest_of(token) for _ in range(40)} == {1, 2}


def test_buyers_of_a_dead_ingest_go_to_the_other_and_return_when_it_is_back(front):
    token = REAL.token("alice")
    seat = front.ingest_of(token)
    front.ingests[seat - 1].stop()
    assert front.ingest_of(token) == 3 - seat
    front.ingests[seat - 1].start()
    # Each question with a token of its own, which has a count of its own.
    wait_until(lambda: front.ingest_of(REAL.token("alice", now=time.time_ns())) == seat)


def test_a_request_that_got_no_answer_is_not_sent_to_the_other_ingest_and_said_to_be_unknown(front):
    for ingest in front.ingests:
        ingest.hangs_up = True
    headers = problem(front.ask("POST", "/v1/orders", b"{}"), 503, "unknown-result")
    assert headers["retry-after"] == "1"
    assert sum(ingest.count("POST", "/v1/orders") for ingest in front.ingests) == 1


def test_with_no_ingest_a_read_says_so_and_that_it_may_be_repeated(front):
    for ingest in front.ingests:
        ingest.stop()
    assert problem(front.ask("GET", "/v1/orders/x"), 503, "not-readable")["retry-after"] == "1"
    assert problem(front.ask("GET", "/v1/skus/mask"), 503, "not-readable")["retry-after"] == "1"
    for ingest in front.ingests:
        ingest.start()


def asked_until_refused(front, token, most=30):
    """How many requests went through."""
    for number in range(most):
        answer = front.ask("POST", "/v1/orders", b"{}", bearer(token))
        if answer[0] == 429:
            assert problem(answer, 429, "too-many-requests")["retry-after"] == "1"
            return number
    return most


def test_a_buyer_who_asks_too_fast_is_told_to_wait_and_others_are_not(front):
    assert 5 <= asked_until_refused(front, REAL.token("alice")) <= 8
    assert front.ask("POST", "/v1/orders", b"{}", bearer(REAL.token("bob")))[0] == 202


def test_whoever_makes_up_a_token_with_anothers_name_uses_up_nothing_of_theirs(front):
    asked_until_refused(front, FORGED.token("alice"))
    assert front.ask("POST", "/v1/orders", b"{}", bearer(REAL.token("alice")))[0] == 202


def test_an_address_has_a_limit_over_all_its_tokens_and_a_gateway_one_of_its_own(front):
    statuses = [front.ask("GET", "/v1/orders/x", headers=bearer(FORGED.token(f"made-up-{n}")))[0] for n in range(220)]
    assert 200 <= statuses.count(200) < 210 and statuses[-1] == 429
    assert front.ask("POST", "/v1/payments/webhook", b"{}")[0] == 202


def test_the_webhook_is_not_limited_by_buyer(front):
    token = bearer(REAL.token("alice"))
    assert {front.ask("POST", "/v1/payments/webhook", b"{}", token)[0] for _ in range(30)} == {202}


def test_stock_is_asked_for_once_for_everybody_and_is_new_after_a_second(front):
    ingest = front.ingests
    for _ in range(20):
        status, headers, body = front.ask("GET", "/v1/skus/mask", headers=bearer(REAL.token("alice")))
        assert (status, json.loads(body)["available"]) == (200, 0)
    arrived = [a for each in ingest for a in each.arrived]
    assert len(arrived) <= 2  # the second may have ended in between
    assert "Authorization" not in arrived[0][2]
    for each in ingest:
        each.stock = 5
    changed_at = time.monotonic()
    wait_until(lambda: json.loads(front.ask("GET", "/v1/skus/mask")[2])["available"] == 5)
    assert time.monotonic() - changed_at < 2.5


def test_the_clock_on_cached_stock_goes_on(front):
    first = front.ask("GET", "/v1/skus/mask")[1]["sluice-time"]
    wait_until(lambda: float(front.ask("GET", "/v1/skus/mask")[1]["sluice-time"]) > float(first) + 0.2)
    assert abs(float(front.ask("GET", "/v1/skus/mask")[1]["sluice-time"]) - time.time()) < 1


def test_while_one_asks_for_new_stock_the_others_get_the_old(front):
    assert front.ask("GET", "/v1/skus/mask")[0] == 200
    for ingest in front.ingests:
        ingest.gate.clear()
        ingest.stock = 5
    before = sum(ingest.count("GET", "/v1/skus/mask") for ingest in front.ingests)
    wait_until(lambda: front_is_stale(front, before))
    assert json.loads(front.ask("GET", "/v1/skus/mask")[2])["available"] == 0
    for ingest in front.ingests:
        ingest.gate.set()
    wait_until(lambda: json.loads(front.ask("GET", "/v1/skus/mask")[2])["available"] == 5)


def front_is_stale(front, before):
    """Asks in the background until somebody's question has reached an ingest, where it hangs."""
    threading.Thread(target=front.ask, args=("GET", "/v1/skus/mask"), daemon=True).start()
    return sum(ingest.count("GET", "/v1/skus/mask") for ingest in front.ingests) > before


def test_nobody_can_put_another_answer_in_the_place_of_the_stock(front):
    front.ask("GET", "/v1/skus/%6Dask?wait=x")
    front.ask("HEAD", "/v1/skus/mask")
    assert front.ask("POST", "/v1/skus/mask", b"{}")[0] == 202  # an ingest would say 405
    status, _, body = front.ask("GET", "/v1/skus/mask")
    assert (status, json.loads(body)["sku"]) == (200, "mask")
    paths = {path for ingest in front.ingests for _, path, _ in ingest.arrived}
    assert paths == {"/v1/skus/mask"}


def test_errors_of_the_front_are_problems_that_say_what_to_do(front):
    problem(front.ask("GET", "/nothing/here.js"), 404, "no-such-path")
    problem(front.ask("GET", "/page/nothing.js"), 404, "no-such-path")
    problem(front.ask("POST", "/v1/orders", b"x" * 9000), 413, "body-too-large")
    problem(front.ask("GET", "/v1/orders/" + "x" * 9000), 414, "uri-too-long")
    problem(front.ask("GET", "/v1/orders/x", headers={"Cookie": "x" * 9000}), 400, "header-too-large")
    assert problem(front.ask("POST", "/page/index.html", b"{}"), 405, "method-not-allowed")["allow"] == "GET, HEAD"
    malformed = front.raw(b"GET /v1/orders/x HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")
    assert b"/problems/bad-request" in malformed and b"application/problem+json" in malformed


def test_a_body_that_is_a_little_too_large_is_answered_by_the_ingest(front):
    status, _, body = front.ask("POST", "/v1/orders", b"x" * 4097)
    assert (status, json.loads(body)["detail"]) == (413, "said by the ingest")


def test_the_page_runs_no_inline_script_and_nothing_from_elsewhere(front):
    for path in ("/", "/page/index.html"):
        status, headers, body = front.ask("GET", path)
        assert status == 200 and headers["content-type"] == "text/html; charset=utf-8"
        assert "default-src 'none'" in headers["content-security-policy"] and "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff" and "sluice-time" in headers
        assert not re.search(rb"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|https?://(?!www\.w3\.org/)", body)


def test_every_file_of_the_page_is_served_with_its_type(front):
    types = {".html": "text/html; charset=utf-8", ".js": "application/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
             ".svg": "image/svg+xml; charset=utf-8"}
    for file in (TREE / "front/page").iterdir():
        status, headers, body = front.ask("GET", f"/page/{file.name}")
        assert (status, headers["content-type"], body) == (200, types[file.suffix], file.read_bytes())


def test_what_is_long_is_compressed_for_those_who_ask(front):
    status, headers, body = front.ask("GET", "/v1/skus/mask", headers={"Accept-Encoding": "gzip"})
    assert headers["content-encoding"] == "gzip" and json.loads(gzip.decompress(body))["sku"] == "mask"
