"""The payment gateway of the stack against a webhook that is at times in trouble."""

import hashlib
import hmac
import http.client
import http.server
import json
import queue
import threading
import time

import pytest
from gateway import WEBHOOK, Gateway, Journal, signature
from ports import LOOPBACK
from shop import Server, counter
from tokens import TokenIssuer

SECRET = b"the secret of the webhook"
PAYMENT = {"order": "00AF3", "amount_minor": 1900, "currency": "EUR"}


class Webhook:
    """Answers what `answers` says, one after the other, then 200; `delivered` has what came."""

    def __init__(self, answers=()):
        self.delivered = queue.Queue()
        answers = list(answers)
        delivered = self.delivered

        class Door(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                delivered.put((time.monotonic(), self.path, self.headers["Sluice-Signature"], body))
                answer = answers.pop(0) if answers else 200
                if answer is None:  # the connection is lost before the answer
                    self.close_connection = True
                    return
                self.send_response(answer)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = Server((LOOPBACK, 0), Door)
        self.address = f"{LOOPBACK}:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def next(self):
        return self.delivered.get(timeout=10)


@pytest.fixture
def door(tmp_path):
    """door(answers): a webhook, a gateway in front of it, and the gateway's journal."""
    opened = []

    def open_door(*answers):
        webhook = Webhook(answers)
        opened.append(webhook.server)
        return webhook, Gateway(webhook.address, SECRET, Journal(tmp_path / "payments")), tmp_path / "payments"

    yield open_door
    for server in opened:
        server.shutdown()
        server.server_close()


def last_line(journal, deliveries, acknowledged):
    """The journal's last line once it speaks of so many."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        line = json.loads(journal.read_text().splitlines()[-1])
        if (line["deliveries"], line["acknowledged"]) == (deliveries, acknowledged):
            return line
        time.sleep(0.01)
    raise AssertionError(journal.read_text())


def test_a_payment_is_delivered_signed_over_the_moment_and_its_bytes(door):
    webhook, gateway, journal = door()
    payment_id = gateway.take(PAYMENT)
    _, path, header, body = webhook.next()
    moment, code = (part.split("=")[1] for part in header.split(","))
    assert (path, json.loads(body)) == (WEBHOOK, {"payment_id": payment_id, **PAYMENT})
    assert abs(int(moment) - time.time()) < 5
    assert code == hmac.new(SECRET, f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    assert last_line(journal, 1, 1)["order"] == PAYMENT["order"]


def test_the_signature_is_the_documented_one():
    wanted = "t=1700000000,v1=" + hmac.new(b"s", b'1700000000.{"a":1}', hashlib.sha256).hexdigest()
    assert signature(b"s", 1700000000.9, b'{"a":1}') == wanted


def test_what_is_not_acknowledged_is_delivered_again_under_the_same_id_and_stands_in_the_journal(door):
    webhook, gateway, journal = door(503, None, 401)
    payment_id = gateway.take(PAYMENT)
    bodies = [json.loads(webhook.next()[3]) for _ in range(4)]
    assert {body["payment_id"] for body in bodies} == {payment_id}
    last_line(journal, 4, 1)


def test_each_delivery_is_in_the_journal_before_it_is_sent(door):
    webhook, gateway, journal = door(503, 503)
    gateway.take(PAYMENT)
    for number in (1, 2, 3):
        webhook.next()
        assert max(json.loads(line)["deliveries"] for line in journal.read_text().splitlines()) >= number


def test_a_payment_that_is_to_come_twice_is_acknowledged_twice(door):
    webhook, gateway, journal = door(200, 503)
    gateway.take(PAYMENT | {"times": 2})
    last_line(journal, 3, 2)
    assert webhook.delivered.qsize() == 3


def test_a_late_payment_comes_late_and_holds_nobody_up(door):
    webhook, gateway, _ = door()
    begun = time.monotonic()
    late = gateway.take(PAYMENT | {"delay_seconds": 0.5})
    prompt = gateway.take(PAYMENT)
    first, second = webhook.next(), webhook.next()
    assert [json.loads(each[3])["payment_id"] for each in (first, second)] == [prompt, late]
    assert second[0] - begun >= 0.5


@pytest.fixture
def shop(door):
    _, gateway, _ = door()
    server = Server((LOOPBACK, 0), counter(TokenIssuer(b"secret"), gateway))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    connection = http.client.HTTPConnection(LOOPBACK, server.server_port, timeout=10)
    yield connection
    connection.close()
    server.shutdown()
    server.server_close()


def ask(connection, method, path, body=None):
    connection.request(method, path, body)
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read())


def test_the_shop_answers_one_request_after_the_other_on_a_connection(shop):
    status, said = ask(shop, "GET", "/shop/token?user=alice")
    assert status == 200 and said["token"].count(".") == 2
    status, said = ask(shop, "POST", "/shop/payments", json.dumps(PAYMENT))
    assert status == 202 and said["payment_id"].startswith("pay-")
    assert ask(shop, "POST", "/shop/payments", "{")[0] == 400
    assert ask(shop, "POST", "/shop/payments", "[" * 4000)[0] == 400
    assert ask(shop, "GET", "/shop/token")[0] == 400
    assert ask(shop, "GET", "/elsewhere")[0] == 404
    assert ask(shop, "POST", "/elsewhere", "{}")[0] == 404
    assert ask(shop, "POST", "/shop/payments", " " * 5000)[0] == 413


@pytest.mark.parametrize(
    "wrong", [{"order": ""}, {"order": 7}, {"currency": None}, {"amount_minor": 0}, {"amount_minor": 1.5}, {"amount_minor": True},
              {"times": 0}, {"times": 11}, {"delay_seconds": -1}, {"delay_seconds": "1"}, {"colour": "red"}]
)
def test_a_payment_that_makes_no_sense_is_refused_by_the_name_of_its_field(shop, wrong):
    status, said = ask(shop, "POST", "/shop/payments", json.dumps(PAYMENT | wrong))
    assert status == 422 and next(iter(wrong)) in said["error"]
