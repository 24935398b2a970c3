import http.server
import threading
import time

import demo
import demo_sale
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


@pytest.fixture
def told(stack, monkeypatch):
    """What sluicectl was told to apply, each time."""
    files = []
    monkeypatch.setattr(type(stack), "ports", property(lambda _: type("Fixed", (), {"address": lambda *_: "127.0.0.1:1"})()))

    def apply(*_):
        files.append(list(yaml.safe_load_all(stack.folder.run("sale.yaml").read_text())))
        return "sale demo version 1 of mask-1: accepted (partition 5, intent 0)\n"

    monkeypatch.setattr(demo_sale, "sluicectl", apply)
    return files


def test_a_sale_opens_a_few_seconds_after_it_is_defined_and_the_ledger_says_where_it_is(stack, told):
    sale = demo_sale.define_sale(stack, ["mask-1", "mask-2"], 200)
    assert sale.partition == 5
    assert [each["sku"] for each in told[0]] == ["mask-1", "mask-2"]
    assert all([slot["quantity"] for slot in each["slots"]] == [200] for each in told[0])
    assert sale.opens_at / 1000 > time.time()


def test_half_of_the_stock_comes_with_a_second_slot_and_an_amendment_repeats_both(stack, told):
    sale = demo_sale.define_sale(stack, ["mask-1"], 7, hold_seconds=12, second_slot_after=14)
    sale.apply(2, 1200)
    first, amended = told[0][0], told[1][0]
    assert [slot["quantity"] for slot in first["slots"]] == [4, 3]
    assert first["slots"][0]["closes"] == first["slots"][1]["opens"]
    assert (first["version"], first["hold_seconds"], amended["version"], amended["hold_seconds"]) == (1, 12, 2, 1200)
    assert first["slots"] == amended["slots"]


@pytest.mark.parametrize(
    "release, slot, broken", [(2000, 1000, []), (2001, 0, ["units came back 2,001 ms"]), (None, 1001, ["a slot opened 1,001 ms"])]
)
def test_what_came_too_late_is_a_broken_promise(release, slot, broken):
    said = list(demo.broken_promises({"release_delay_ms": {"p99": release}, "slot_delay_ms": {"max": slot}}))
    assert len(said) == len(broken) and all(part in sentence for part, sentence in zip(broken, said))


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
