"""What `make up` prints, typed as it stands."""

import json
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest
from stack import Stack, how_to_buy

TREE = Path(__file__).resolve().parents[2]


@pytest.fixture
def stack(tmp_path):
    stack = Stack(tmp_path / "stack")
    stack.up(private=True)
    yield stack
    stack.down()


def steps(text):
    """The printed commands, by the remark above them; those before the first remark under ""."""
    found, remark = {"": []}, ""
    for line in text.splitlines():
        if line.startswith("  # "):
            remark = line[4:]
            found[remark] = []
        elif line.startswith("  "):
            found[remark].append(line)
    return {remark: "\n".join(lines) for remark, lines in found.items()}


def wait_until_on_sale(stack):
    until = time.monotonic() + 20
    while True:
        try:
            with urllib.request.urlopen(f"http://{stack.ports.address('front')}/v1/skus/mask", timeout=5) as answer:
                if json.load(answer)["available"]:
                    return
        except OSError:
            pass  # not known yet
        assert time.monotonic() < until
        time.sleep(0.05)


def test_every_command_that_is_printed_does_what_it_says(stack):
    printed = steps(how_to_buy(stack))
    begin = printed.pop("")
    subprocess.run(["bash", "-euc", begin], cwd=TREE, check=True, capture_output=True)
    wait_until_on_sale(stack)
    with urllib.request.urlopen(f"http://{stack.ports.address('front')}/openapi.json", timeout=5) as answer:
        assert json.load(answer)["openapi"].startswith("3.1")
    # In one shell, as a person types them; each answer on a line, after the remark. The sale is defined once only.
    script = [line for line in begin.splitlines() if "sale apply" not in line]
    for remark, commands in printed.items():
        script += [f"echo '# {remark}'", commands.replace("\n  curl", "; echo\n  curl"), "echo"]
    done = subprocess.run(["bash", "-euc", "\n".join([*script, 'echo "order $ORDER"'])], cwd=TREE, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    said = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert len(said) == 5, done.stdout
    stock, order, payment, cancelled, added = said
    assert stock["sku"] == "mask"
    assert order["status"] == "held" and f"order {order['order']}" in done.stdout
    assert payment["payment_id"]
    # Whichever came first; then the other has no say.
    assert cancelled.get("status") == "cancelled" or cancelled["type"] == "/problems/already-paid"
    assert added["verdict"] == "accepted"
