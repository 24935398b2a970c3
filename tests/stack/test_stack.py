"""The real servers, started, killed and ended: in a folder of their own, on private ports."""

import os
import shutil
import signal
import socket
import subprocess
import time

import pymysql
import pytest
from leftovers import processes_of
from mariadb_server import USER
from ports import LOOPBACK
from problem import Problem
from stack import Stack
from supervision import UNLESS_HELD

PROGRAMS = ["redis", "nginx", "shop"]  # the quick ones; `make test` itself starts Kafka and MariaDB in the same way


@pytest.fixture
def stack(tmp_path):
    stack = Stack(tmp_path / "stack")
    yield stack
    stack.down()


def kill_supervisor(stack):
    os.kill(int(stack.folder.run("supervisord.pid").read_text()), signal.SIGKILL)


def wait_until(true, seconds=10):
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until
        time.sleep(0.02)


def test_down_leaves_no_process(stack):
    stack.up(only=PROGRAMS, private=True)
    assert len(processes_of(stack.folder)) > len(PROGRAMS)
    assert stack.down()
    assert processes_of(stack.folder) == []
    assert not stack.down()


def test_down_finds_everything_after_the_supervisor_was_killed(stack):
    stack.up(only=PROGRAMS, private=True)
    kill_supervisor(stack)
    assert processes_of(stack.folder) != []
    assert stack.down()
    assert processes_of(stack.folder) == []


def test_down_finds_everything_after_the_folder_was_removed(stack):
    stack.up(only=["redis"], private=True)
    shutil.rmtree(stack.folder.path)
    assert stack.down()
    assert processes_of(stack.folder) == []


def test_down_finds_the_workers_of_a_killed_nginx(stack):
    stack.up(only=["nginx"], private=True)
    kill_supervisor(stack)
    os.kill(int(stack.folder.run("nginx.pid").read_text()), signal.SIGKILL)
    assert stack.down()
    assert processes_of(stack.folder) == []


def test_up_replaces_what_a_killed_supervisor_left_behind(stack):
    stack.up(only=["redis"], private=True)
    before = set(processes_of(stack.folder))
    kill_supervisor(stack)
    stack.up(only=["redis"], private=True)
    assert not before & set(processes_of(stack.folder))


def test_a_killed_program_is_started_again(stack):
    stack.up(only=["shop"], private=True)
    killed = stack.supervision.states()["shop"]["pid"]
    os.kill(killed, signal.SIGKILL)
    wait_until(lambda: stack.supervision.states()["shop"]["pid"] not in (0, killed))


def test_a_held_program_starts_when_the_hold_ends(tmp_path):
    hold, proof = tmp_path / "ledger-1.hold", tmp_path / "started"
    hold.touch()
    with subprocess.Popen([UNLESS_HELD, hold, "touch", proof]) as waiting:
        with pytest.raises(subprocess.TimeoutExpired):
            waiting.wait(0.3)
        assert not proof.exists()
        hold.unlink()
        assert waiting.wait(5) == 0
    assert proof.exists()


def test_two_stacks_run_beside_each_other(stack, tmp_path):
    other = Stack(tmp_path / "other")
    try:
        stack.up(only=["redis"], private=True)
        other.up(only=["redis"], private=True)
        assert stack.ports["redis"] != other.ports["redis"]
        assert other.down()
        assert processes_of(stack.folder) != []
    finally:
        other.down()


def test_a_mariadb_that_starts_cannot_remove_temporary_tables_of_another(stack):
    stack.up(only=["mariadb"], private=True)
    password = stack.folder.secret("mysql_password").read_text()
    with pymysql.connect(host=LOOPBACK, port=stack.ports["mariadb"], user=USER, password=password) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT @@tmpdir")
        assert cursor.fetchone()[0].startswith(str(stack.folder.path))


def test_a_taken_port_is_an_error_before_anything_starts(stack, monkeypatch):
    with socket.socket() as listener:
        listener.bind((LOOPBACK, 0))
        listener.listen()
        monkeypatch.setenv("SLUICE_PORT_REDIS", str(listener.getsockname()[1]))
        with pytest.raises(Problem, match="SLUICE_PORT_REDIS"):
            stack.up(only=["redis"])
    assert processes_of(stack.folder) == []


def test_a_program_that_does_not_start_is_named_with_the_end_of_its_log(stack):
    stack.up(only=["shop"], private=True)
    stack.down()
    stack.folder.secret("redis_password").write_text("two words")
    with pytest.raises(Problem, match="(?s)redis.*redis.log.*wrong number of arguments"):
        stack.up(only=["redis"], private=True)


def test_secrets_are_for_their_owner_only_and_differ_between_stacks(stack, tmp_path):
    other = Stack(tmp_path / "other")
    for each in (stack, other):
        each.folder.create()
    files = sorted((stack.folder.path / "secrets").iterdir())
    assert files
    for file in files:
        assert file.stat().st_mode & 0o777 == 0o600
        assert file.read_bytes() != other.folder.secret(file.name).read_bytes()


def test_a_folder_with_a_long_path_works(tmp_path):
    stack = Stack(tmp_path / ("long" * 30))
    try:
        stack.up(only=["redis"], private=True)
    finally:
        stack.down()
    assert processes_of(stack.folder) == []
