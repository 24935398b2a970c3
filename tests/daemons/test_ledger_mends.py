"""What is wrong with a ledger's local store or its disk, for real: it is set aside, or waited for, and the ledger goes on."""

import os
import shutil

import pytest
from lone_ledger import Ledger, Sku, comes_true, kafka_with_topics
from small_disk import SmallDisk

MIB = 1 << 20


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    with kafka_with_topics(tmp_path_factory.mktemp("mends") / "stack") as stack:
        yield stack


@pytest.fixture
def ledger(stack, tmp_path):
    ledger = Ledger(stack, tmp_path)
    yield ledger
    ledger.stop()


@pytest.fixture
def sku(stack, ledger, request, tmp_path):
    """With an order that was decided."""
    ledger.comes_to_run()
    sku = Sku(stack.ports.address("kafka"), request.node.name, tmp_path)
    sku.comes_to(sku.buy("ann") + 1)
    return sku


def aside(ledger, partition):
    return list(ledger.state.glob(f"{partition}.aside-*"))


def flip_in(folder, begins_with):
    """A bit in the middle of the file."""
    file = next(path for path in folder.iterdir() if path.name.startswith(begins_with))
    content = bytearray(file.read_bytes())
    content[len(content.rstrip(b"\0")) // 2] ^= 1
    file.write_bytes(content)


def test_a_damaged_store_is_set_aside_counted_and_built_again(ledger, sku):
    ledger.stop()
    flip_in(ledger.state / str(sku.partition), "MANIFEST-")
    ledger.start()
    ledger.comes_to_run()
    assert len(aside(ledger, sku.partition)) == 1
    assert "set aside as" in ledger.said() and "built again from orders" in ledger.said()
    assert ledger.metric("sluice_ledger_state_rebuilt_total", partition=sku.partition, cause="damaged") == 1
    assert sku.inspect("--next", sku.inspect()["next"], "--digest", sku.inspect()["digest"])["local"] == "fits"
    sku.comes_to(sku.buy("ben") + 1)
    assert ledger.metric("sluice_ledger_state_rebuilt_total", partition=sku.partition, cause="damaged") == 1, "once is enough"


def test_a_store_in_which_the_process_died_is_set_aside(ledger, sku):
    ledger.stop()
    (ledger.state / f"{sku.partition}.unusable").touch()  # what the handler of the signal leaves (crash_note.h)
    ledger.start()
    ledger.comes_to_run()
    assert len(aside(ledger, sku.partition)) == 1
    assert ledger.metric("sluice_ledger_state_rebuilt_total", partition=sku.partition, cause="aborted") == 1


def test_a_generation_set_wrongly_costs_the_store_and_decides_nothing(ledger, sku):
    place = sku.inspect()["next"]
    ledger.stop()
    ledger.settings["topics__generation"] = 2
    ledger.start()
    ledger.comes_to_say(rf"orders of partition {sku.partition} names order \d+, which is of partition \d+ in generation 1, but this "
                        "ledger runs with generation 2: set topics.generation")
    assert ledger.metric("sluice_ledger_state_rebuilt_total", partition=sku.partition, cause="other") == 1
    assert sku.inspect()["next"] == place
    ledger.stop()
    ledger.settings["topics__generation"] = 1
    ledger.start()
    ledger.comes_to_run()
    sku.comes_to(sku.buy("ben") + 1)


def test_a_state_directory_that_vanishes_is_made_anew(ledger, sku):
    shutil.rmtree(ledger.state)
    ledger.comes_to_say(r"the folder \S+ had vanished and was made anew")
    sku.comes_to(sku.buy("ben") + 1)
    sku.comes_to(sku.buy("cem") + 1)
    ledger.comes_to_say(rf"The store \S+/{sku.partition} has vanished: a new one is built from orders")
    ledger.comes_to_run()
    comes_true((ledger.state / str(sku.partition) / "CURRENT").exists)
    assert ledger.process.poll() is None


@pytest.fixture
def small_disk(tmp_path):
    """Room for the stores of 8 partitions, which RocksDB takes in advance, and some more."""
    folder = tmp_path / "disk"
    folder.mkdir()
    disk = SmallDisk(folder, 1024)
    if disk.refusal:
        pytest.skip("mounting a small disk takes root or sudo: " + disk.refusal)
    yield folder
    disk.clear_away()


def test_a_full_disk_is_waited_for(stack, small_disk, tmp_path):
    ledger = Ledger(stack, tmp_path, state__directory=str(small_disk / "state"), state__free_mib_min=200)
    try:
        ledger.comes_to_run()
        sku = Sku(stack.ports.address("kafka"), "full-disk", tmp_path)
        ballast = small_disk / "ballast"

        def leave(mib):
            taken = ballast.stat().st_size if ballast.exists() else 0
            wanted = shutil.disk_usage(small_disk).free + taken - mib * MIB
            with open(ballast, "ab") as file:
                if wanted > taken:
                    os.posix_fallocate(file.fileno(), 0, wanted)
                else:
                    file.truncate(wanted)

        leave(150)
        ledger.comes_to_say(r"error the disk of \S+ is nearly full: \d+ bytes free, the lanes stop below 209715200 .* Make room")
        comes_true(lambda: ledger.get("/readyz")[0] == 503)
        assert "nearly full" in ledger.get("/readyz")[1]
        comes_true(lambda: all(ledger.metric("sluice_ledger_lane_running", partition=n) == 0 for n in range(8)),
                   lambda: ledger.get("/metrics")[1] + ledger.said())
        assert ledger.metric("sluice_ledger_disk_full") == 1
        offset = sku.buy("ann")
        leave(225)  # more than where they stop, less than where they go on
        comes_true(lambda: ledger.metric("sluice_ledger_disk_free_bytes") > 220 * MIB or ledger.get("/readyz") is None)
        assert ledger.metric("sluice_ledger_disk_full") == 1
        assert sku.inspect()["next"] == offset, "nothing is decided"
        ballast.unlink()
        ledger.comes_to_run()
        sku.comes_to(offset + 1)
        assert ledger.process.poll() is None
        assert "has room again" in ledger.said()
    finally:
        ledger.stop()
