import http.server
import threading

import demo
import ledger_lanes
import pytest
import yaml
from daemons import admin_port
from ports import LOOPBACK
from stack import Stack


@pytest.fixture
def stack(tmp_path):
    stack = Stack(tmp_path / "stack")
    stack.folder.create()
    return stack


def test_restarts_are_the_starts_after_the_first(stack):
    stack.folder.log("supervisord").write_text(
        "2026-01-01 00:00:00,000 INFO spawned: 'ledger-1' with pid 10\n"
        "2026-01-01 00:00:00,000 INFO spawned: 'ledger-2' with pid 11\n"
        "2026-01-01 00:00:09,000 WARN exited: ledger-1 (terminated by SIGKILL; not expected)\n"
        "2026-01-01 00:00:09,500 INFO spawned: 'ledger-1' with pid 12\n"
    )
    assert demo.restarts(stack) == {"ledger-1": 1}


def test_a_sale_opens_a_few_seconds_after_it_is_defined_and_the_ledger_says_where_it_is(stack, monkeypatch):
    monkeypatch.setattr(type(stack), "ports", property(lambda _: type("Fixed", (), {"address": lambda *_: "127.0.0.1:1"})()))
    monkeypatch.setattr(demo, "sluicectl", lambda *_: "sale demo version 1 of mask-1: accepted (partition 5, intent 0)\n")
    opens_at, partition = demo.define_sale(stack, ["mask-1", "mask-2"], 200)
    assert partition == 5
    sales = list(yaml.safe_load_all(stack.folder.run("sale.yaml").read_text()))
    assert [sale["sku"] for sale in sales] == ["mask-1", "mask-2"]
    assert all(sale["slots"][0]["quantity"] == 200 for sale in sales)
    assert opens_at / 1000 > demo.time.time()


METRICS = """# TYPE sluice_ledger_lane_running gauge
sluice_ledger_lane_running{partition="2"} 0
sluice_ledger_lane_running{partition="3"} 1
"""


class Ledger(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(METRICS.encode())

    def log_message(self, *_):
        pass


def test_the_owner_of_a_partition_is_the_ledger_whose_lane_runs():
    with http.server.ThreadingHTTPServer((LOOPBACK, 0), Ledger) as ledger:
        threading.Thread(target=ledger.serve_forever, daemon=True).start()

        class Ports:
            def address(self, name):
                return f"{LOOPBACK}:{ledger.server_port if name == admin_port('ledger-2') else 1}"

        assert ledger_lanes.owner_of(3, Ports()) == "ledger-2"
        assert ledger_lanes.owner_of(2, Ports()) is None
        assert ledger_lanes.owner_of(3, Ports(), among=["ledger-1"]) is None
        ledger.shutdown()
