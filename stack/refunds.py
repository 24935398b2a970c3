"""The last step of money that goes back: whoever runs the gateway reads in MySQL what is due, pays it back, and reports it to sluice."""

import http.client
import json
import time
import urllib.parse
from concurrent.futures import ThreadPoolExecutor

import pymysql

from daemons import payments_journal
from gateway import read_journal
from mariadb_server import DATABASE, USER
from problem import Problem
from tokens import TokenIssuer, read_secret

_AT_ONCE = 8
_PATIENCE_SECONDS = 30
_ADMIN_SCOPE = "sluice:admin"


def settle_refunds(stack):
    """Reports every refund that is due as paid back, once all payments of the gateway's journal have their end in MySQL. Returns how
    many."""
    paid = read_journal(payments_journal(stack.folder))
    due = _due_when_all_have_ended(stack, len(paid))
    token = TokenIssuer(read_secret(stack.folder.secret("jwt_hs256"))).token("gateway", scope=_ADMIN_SCOPE)
    front = stack.ports.address("front")

    def settle(row):
        # A payment that named no order of ours is known by its id alone.
        body = {"order": paid[row["id"]]["order"]} if row["order_id"] is not None else {}
        _settle(front, token, row["id"], body)

    with ThreadPoolExecutor(_AT_ONCE) as threads:
        return len(list(threads.map(settle, due)))


def _due_when_all_have_ended(stack, payments):
    password = read_secret(stack.folder.secret("mysql_password")).decode()
    address = {"host": "127.0.0.1", "port": stack.ports["mariadb"], "user": USER, "password": password, "database": DATABASE}
    with pymysql.connect(**address, autocommit=True, cursorclass=pymysql.cursors.DictCursor) as connection, connection.cursor() as cursor:
        until = time.monotonic() + _PATIENCE_SECONDS
        while True:
            cursor.execute("SELECT id, order_id, `end`, refund_settled FROM payments")
            rows = list(cursor.fetchall())
            if len(rows) >= payments:
                return [row for row in rows if row["end"] == "refund_due" and not row["refund_settled"]]
            if time.monotonic() > until:
                raise Problem(f"MySQL knows the ends of {len(rows)} of {payments} payments after {_PATIENCE_SECONDS} s: is the sink behind?")
            time.sleep(0.05)


def _settle(front, token, payment_id, body):
    """Reported until the ledger has ruled; reporting twice counts once."""
    path = f"/v1/admin/refunds/{urllib.parse.quote(payment_id, safe='')}/settled"
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "Prefer": "wait=10"}
    until = time.monotonic() + _PATIENCE_SECONDS
    while True:
        connection = http.client.HTTPConnection(front, timeout=15)
        try:
            connection.request("POST", path, json.dumps(body), headers)
            answer = connection.getresponse()
            words = answer.read().decode(errors="replace")
            if answer.status == 200:
                return
            problem = f"{answer.status} {words}"
        except (OSError, http.client.HTTPException) as error:
            problem = str(error)
        finally:
            connection.close()
        if time.monotonic() > until:
            raise Problem(f"the refund of {payment_id} cannot be reported: {problem}")
        time.sleep(0.2)
